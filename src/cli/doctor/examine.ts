import type { Pool } from '../../database/database.ts';
import { readModelState } from '../../database/model/require-model.ts';
import { describeDatabase } from '../../database/sessions/database-address.ts';
import { haveOwnSessions, SHARED_SESSIONS } from '../../database/sessions/own-sessions.ts';
import { createAxiosGateway } from '../../gateway/http/axios-gateway.ts';
import { type GatewayAccess, readGatewayAccess } from '../../gateway/port/gateway-access.ts';
import { adviseMistaken, findMistaken } from '../../gateway/port/gateway-addresses.ts';
import { type NamedGateway, ofGatewaySettings, readGateways } from '../../gateway/port/gateways.ts';
import { requireOwnSecrets } from '../../gateway/port/require-own-secrets.ts';
import { readIntegrity } from '../../integrity/read-integrity.ts';
import { selectFrozenScales } from '../../ledger/scales/account-scales.sql.ts';
import { readClock } from '../../ledger/server/clock.sql.ts';
import { CHANGING_TABLES } from '../../payments/read/sampled-gauges.ts';
import type { Config } from '../../process/settings/config.ts';
import { findStranded } from '../../queue/find-stranded.ts';
import { sampleQueue } from '../../queue/sample-queue.ts';
import { RETAINED_TABLES } from '../../retention/retained.ts';
import { retentionOf } from '../../retention/retention-periods.ts';
import { selectTableSizes } from '../../retention/table-sizes.sql.ts';
import { selectDatabaseSample } from '../../telemetry/sample-database.sql.ts';
import { countOf } from '../../text/plural.ts';
import { loadSettings } from '../load-settings.ts';
import { explainError } from '../output/explain-error.ts';
import { findDatabase, type Session, withDatabase } from '../session.ts';
import { type Check, judge } from './check.ts';
import { decideLedgerClock } from './decide-ledger-clock.ts';
import { decideRetention } from './decide-retention.ts';
import { decideIntegrity, decideMigrations, decideScales, decideUpkeep } from './decide-schema.ts';
import { decideServer } from './decide-server.ts';
import { readSessionDefaults, selectServerFacts } from './read-server-facts.sql.ts';

/** No payment has this reference, so the right answer is that it is not known. */
const PROBE_REFERENCE = 'tollgate-doctor';

const CORRECT_SETTINGS = 'Correct the settings that are named; workers do not start with them.';

/** Runs every check that is possible from outside. A failed check never stops the others. */
export async function examine(): Promise<Check[]> {
  let config: Config;
  try {
    config = loadSettings();
  } catch (error) {
    return [failed('settings', error, 'Correct the settings that are named, in the environment or in .env.')];
  }
  return [
    judge('settings', `valid; APP_ENV is ${config.service.environment}`),
    ...(await examineDatabase(config)),
    ...(await examineGateways(config)),
  ];
}

async function examineDatabase(config: Config): Promise<Check[]> {
  try {
    const { databaseUrl, isEmbedded } = findDatabase(config);
    const place = isEmbedded ? 'the embedded database of npm start' : describeDatabase(databaseUrl);
    return await withDatabase(config, databaseUrl, async (session) => {
      const sessions = await examineSessions(databaseUrl);
      const server = await examineServer(session);
      return [judge('database', `${place} answers`), sessions, ...server, ...(await examineSchema(session))];
    });
  } catch (error) {
    return [failed('database', error, 'Check DATABASE_URL, and that the server is running.')];
  }
}

async function examineSessions(databaseUrl: string): Promise<Check> {
  const areOurs = await haveOwnSessions(databaseUrl);
  return judge('sessions', areOurs ? 'each session stays ours until we end it' : 'shared by a pooler', [
    [!areOurs, 'fail', SHARED_SESSIONS],
  ]);
}

async function examineServer({ pool, config, databaseUrl }: Session): Promise<Check[]> {
  // The first query also opens the connection, which takes longer and would distort the clock check.
  await selectServerFacts(pool);
  const before = Date.now();
  const facts = await selectServerFacts(pool);
  const uncertaintyMs = (Date.now() - before) / 2;
  const differenceMs = facts.now.getTime() - (before + uncertaintyMs);
  return decideServer(facts, {
    clock: { differenceMs, uncertaintyMs },
    appName: config.service.name,
    defaults: await readSessionDefaults(databaseUrl),
  });
}

async function examineSchema({ pool, config }: Session): Promise<Check[]> {
  const migrations = decideMigrations(await readModelState(pool));
  const upkeep = decideUpkeep(await selectDatabaseSample(pool, CHANGING_TABLES));
  // Without the tables there is nothing more to check.
  if (migrations.verdict === 'fail') return [migrations, ...upkeep];
  const report = await readIntegrity(pool, { staleAfterMs: config.integrity.staleAfterMs });
  const scales = decideScales(await selectFrozenScales(pool));
  const clock = await readClock(pool);
  const clockChecks = clock ? [decideLedgerClock(clock)] : [];
  const sizes = await selectTableSizes(pool, Object.values(RETAINED_TABLES));
  const retention = decideRetention(sizes, retentionOf(config));
  const stranded = await examineWaiting(pool, config);
  return [migrations, scales, ...clockChecks, ...upkeep, retention, ...stranded, decideIntegrity(report)];
}

/** Payments that no worker sends. What is wrong with the settings themselves is told by the check of the gateways. */
async function examineWaiting(pool: Pool, config: Config): Promise<Check[]> {
  let gateways: readonly NamedGateway[];
  try {
    gateways = readGateways(config);
  } catch {
    return [];
  }
  const stranded = findStranded(
    await sampleQueue(pool),
    gateways.map(({ name }) => name),
  );
  const mistaken = (await findMistaken(pool, gateways)).map((each) =>
    judge(`gateway ${each.name}`, 'its payments wait, because its address has changed', [
      [true, 'fail', `${adviseMistaken(each)}.`],
    ]),
  );
  const waiting = [...stranded].map(([name, count]) =>
    judge(`gateway ${name}`, `${countOf(count, 'payment')} ${count === 1 ? 'waits' : 'wait'} for it`, [
      [
        true,
        'fail',
        'Describe it in GATEWAYS_FILE again, with "currencies": [] if it is to get no new payments: they are sent nowhere else.',
      ],
    ]),
  );
  return [...mistaken, ...waiting];
}

async function examineGateways(config: Config): Promise<Check[]> {
  try {
    const gateways = readGateways(config);
    requireOwnSecrets(gateways);
    return await Promise.all(gateways.map(examineGateway));
  } catch (error) {
    return [failed('gateway', error, CORRECT_SETTINGS)];
  }
}

async function examineGateway(named: NamedGateway): Promise<Check> {
  const { config } = named;
  const name = named.gatewayName === null ? 'gateway' : `gateway ${named.name}`;
  let access: GatewayAccess;
  try {
    access = ofGatewaySettings(named, readGatewayAccess);
  } catch (error) {
    return failed(name, error, CORRECT_SETTINGS);
  }
  const gateway = createAxiosGateway({
    ...access,
    timeoutMs: config.gateway.timeoutMs,
    maxConnections: 1,
    mapping: config.gateway.answerMapping,
  });
  const startedAt = performance.now();
  const outcome = await gateway.inquire(PROBE_REFERENCE).finally(() => gateway.close());
  const { host } = new URL(access.baseUrl);
  const hasAnswered = outcome.kind !== 'unknown';
  const isThere = hasAnswered || outcome.httpStatus !== null;
  const detail = hasAnswered
    ? `${host} answers inquiries, in ${Math.round(performance.now() - startedAt)} ms`
    : `${host}: ${outcome.message}`;
  return judge(name, detail, [
    [!isThere, 'fail', 'Check PAYMENT_GATEWAY_URL and the network; its payments wait until it answers.'],
    [
      !hasAnswered,
      'warn',
      'The gateway is reachable, but did not answer an inquiry as docs/gateway.md describes.',
    ],
  ]);
}

function failed(name: string, error: unknown, advice: string): Check {
  return { name, verdict: 'fail', detail: explainError(error), advice };
}
