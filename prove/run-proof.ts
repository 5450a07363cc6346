import { setTimeout as sleep } from 'node:timers/promises';
import { checkInvariants } from './checks/check-invariants.ts';
import { startCallbackRelay } from './inject/callback-relay.ts';
import { type CuttingProxy, startCuttingProxy } from './inject/cutting-proxy.ts';
import { startProofDatabase } from './inject/database.ts';
import { giveRates } from './inject/give-rates.ts';
import { makeTroubles } from './inject/make-trouble.ts';
import { operate } from './inject/operate.ts';
import { createPerson } from './inject/person.ts';
import { sendBurst } from './load/burst.ts';
import { createClient } from './load/client.ts';
import { createClientJournal } from './load/client-journal.ts';
import { pollPayments } from './load/poll-payments.ts';
import { replayAgain } from './load/replay-again.ts';
import { createUsers, runTraffic } from './load/traffic.ts';
import { MEMBER_NAMES, type MemberName } from './plan/members.ts';
import type { ProofOptions } from './plan/options.ts';
import { planMore, planTraffic } from './plan/plan-traffic.ts';
import { planTroubles } from './plan/plan-troubles.ts';
import { createFleet } from './processes/fleet.ts';
import { startGateway } from './processes/gateway.ts';
import { HONEST_GATEWAY, LEASE_MS } from './processes/settings.ts';
import { createTally } from './processes/tally.ts';
import { countCommands } from './report/count-commands.ts';
import { countAccepted, countAsked } from './report/count-payments.ts';
import { countWords } from './report/count-words.ts';
import { isAnythingMissing } from './report/is-anything-missing.ts';
import { judge, type Verdict } from './report/judge.ts';
import { renderReport } from './report/render-report.ts';
import { collectWorld } from './world/collect-world.ts';
import { countOpen } from './world/read-world.sql.ts';
import { keepHurrying, waitUntilQuiet } from './world/wait-until-quiet.ts';
import { watchEndings } from './world/watch-endings.ts';

/** Long enough for another worker to take over, call, and be under way when the stopped one goes on. */
const STOP_MS = 2 * LEASE_MS;
/** Time set aside for starting up and winding down, out of the minutes that were asked for. */
const REST_MS = 25_000;
const MIN_TROUBLED_MS = 20_000;
/** Long enough on a machine that gives the run a tenth of its time. */
const MAX_OVERTIME_MS = 90_000;
const OVERTIME_PAUSE_MS = 2000;
/** A busy machine answers later; what it has not answered by then is left to go on beside what follows. */
const MAX_ROUND_MS = 12_000;
const QUIET_DEADLINE_MS = 120_000;
const LAST_ANSWERS_MS = 20_000;
const PROGRESS_MS = 5000;

export interface ProofRun extends ProofOptions {
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What must be stopped whatever happens, in reverse order. */
type Stops = (() => Promise<void>)[];

/**
 * Puts the real processes through everything that the seed plans for them, waits until nothing is left to do, and checks the
 * invariants. Everything it started has ended when this resolves or throws.
 * @throws when the run could not be completed, which proves nothing either way.
 */
export async function runProof(run: ProofRun): Promise<Verdict> {
  const stops: Stops = [];
  try {
    return await runParts(run, stops);
  } finally {
    for (const stop of stops.toReversed()) await stop().catch((error: Error) => run.say(error.message));
  }
}

async function runParts(run: ProofRun, stops: Stops): Promise<Verdict> {
  const { seed, folder, say, signal } = run;
  const startedAt = performance.now();
  const tally = createTally();
  const journal = createClientJournal();
  const over = new AbortController();
  const everythingOver = AbortSignal.any([signal, over.signal]);

  say('starting Postgres, the gateway, two APIs and three workers');
  const database = await startProofDatabase(folder, say);
  stops.push(database.stop);
  const proxies = await startProxies(database.port, (mark) =>
    tally.count(
      mark === 'commit' ? 'connection cut after COMMIT was sent' : 'connection cut after a claim was sent',
    ),
  );
  stops.push(async () => void (await Promise.all([...proxies.values()].map((proxy) => proxy.stop()))));
  const relay = await startCallbackRelay({ seed, tally });
  stops.push(relay.stop);
  const gateway = await startGateway({ seed, folder, callbackUrl: relay.url });
  stops.push(gateway.stop);
  const proxyOf = (name: MemberName) => proxies.get(name) as CuttingProxy;
  const ratesFile = await giveRates(database.pool, folder);
  const fleet = createFleet({
    seed,
    folder,
    tally,
    gatewayUrl: gateway.url,
    ratesFile,
    stopMs: STOP_MS,
    signal,
    databaseUrlOf: (name) => withPort(database.databaseUrl, proxyOf(name).port),
  });
  stops.push(fleet.stop);
  relay.connect(fleet);
  await fleet.start();

  const client = createClient({ fleet, journal });
  signal.addEventListener('abort', () => client.giveUpAt(0));
  const users = await createUsers({ client, seed });
  const watch = watchEndings(database.pool, everythingOver);
  stops.push(() => watch.watching);
  // Watchers and clients go on until they are told that it is over, so tell them before waiting for any of them.
  stops.push(async () => {
    over.abort();
    client.giveUpAt(0);
  });

  const troubledMs = Math.max(MIN_TROUBLED_MS, run.minutes * 60_000 - REST_MS);
  const troublesOver = new AbortController();
  const untilCalm = AbortSignal.any([everythingOver, troublesOver.signal]);
  const traffic = runTraffic(users, {
    client,
    seed,
    scenes: planTraffic(seed, run.paymentCount),
    paymentCount: run.paymentCount,
    durationMs: troubledMs,
    signal: untilCalm,
  });
  const person = createPerson({ fleet, pool: database.pool, gatewayUrl: gateway.url, tally });
  const bursts: Promise<void>[] = [];
  const beside = [
    operate({ fleet, person, seed, tally, signal: untilCalm }),
    keepHurrying(database.pool, untilCalm),
    pollPayments({ fleet, journal, watch, seed, signal: everythingOver }),
    reportProgress(),
  ];
  say(`making trouble for ${Math.round(troubledMs / 1000)} seconds`);
  const troubles = makeTroubles(
    planTroubles(seed, troubledMs),
    {
      fleet,
      gateway,
      database,
      proxyOf,
      tally,
      journal,
      watch,
      sendBurst: (number) => void bursts.push(sendBurst({ client, users, seed, number })),
    },
    untilCalm,
  );
  await sleep(troubledMs, undefined, { signal }).catch(() => {});
  await goOnUntilHardEnough();
  troublesOver.abort();
  await troubles;
  signal.throwIfAborted();

  say('crashing everything once more, then waiting until nothing is left to do');
  for (const proxy of proxies.values()) proxy.beCalm();
  await gateway.behave(HONEST_GATEWAY);
  await fleet.beCalm();
  client.giveUpAt(performance.now() + LAST_ANSWERS_MS);
  await Promise.all([traffic, ...bursts]);
  await replayAgain({ client, journal, seed });
  const leftOpen = await waitUntilQuiet(database.pool, { person, deadlineMs: QUIET_DEADLINE_MS, signal });
  signal.throwIfAborted();
  over.abort();
  await Promise.all([...beside, watch.watching]);

  const world = await collectWorld({
    pool: database.pool,
    gatewayUrl: gateway.url,
    journal,
    watch,
    takenCallbacks: relay.takenCallbacks(),
  });
  countWords(world, tally);
  countCommands(world, tally);
  const verdict = judge({
    violations: checkInvariants(world),
    leftOpen,
    acceptedCount: countAccepted(world.answers),
    askedCount: countAsked(world.answers),
    internalErrorCount: [...world.answers, ...world.commandAnswers].filter(({ status }) => status === 500)
      .length,
    tally,
  });
  say(renderReport({ seed, durationMs: performance.now() - startedAt, world, tally, verdict }));
  return verdict;

  /** Less happens in the same time on a busy machine, so what is missing is given more time, and more scenes in which it can happen. */
  async function goOnUntilHardEnough(): Promise<void> {
    const deadline = performance.now() + MAX_OVERTIME_MS;
    for (let number = 1; performance.now() < deadline && !signal.aborted; number += 1) {
      if (!(await isAnythingMissing({ tally, journal, pool: database.pool, gatewayUrl: gateway.url })))
        return;
      const scenes = planMore(seed, number);
      const length = { paymentCount: scenes.length, durationMs: OVERTIME_PAUSE_MS };
      const round = [
        sendBurst({ client, users, seed, number: -number }),
        runTraffic(users, { client, seed, scenes, ...length, signal: untilCalm }),
      ];
      bursts.push(...round);
      await sleep(OVERTIME_PAUSE_MS, undefined, { signal }).catch(() => {});
      await Promise.race([Promise.all(round), sleep(MAX_ROUND_MS, undefined, { signal }).catch(() => {})]);
    }
  }

  async function reportProgress(): Promise<void> {
    while (!everythingOver.aborted) {
      await sleep(PROGRESS_MS, undefined, { signal: everythingOver }).catch(() => {});
      const open = await countOpen(database.pool).catch(() => undefined);
      const accepted = journal.answers().filter((answer) => answer.status === 202 && !answer.isReplay).length;
      const rest = open ? `${open.tasks} tasks, ${open.inquiries} unknown` : 'the database is away';
      say(
        `${Math.round((performance.now() - startedAt) / 1000)} s: ${accepted} accepted, ${rest}, ${tally.killsAtFailpoints()} killed at failpoints`,
      );
    }
  }
}

async function startProxies(
  targetPort: () => number,
  onCut: (mark: 'commit' | 'claim') => void,
): Promise<Map<MemberName, CuttingProxy>> {
  const proxies = await Promise.all(
    MEMBER_NAMES.map(async (name) => [name, await startCuttingProxy({ targetPort, onCut })] as const),
  );
  return new Map(proxies);
}

function withPort(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl);
  url.port = String(port);
  return url.toString();
}
