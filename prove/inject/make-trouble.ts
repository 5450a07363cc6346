import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnedAway } from '../../src/gateway-mock/behaviour.ts';
import type { ClientJournal } from '../load/client-journal.ts';
import { MEMBER_NAMES, type MemberName } from '../plan/members.ts';
import type { TimedTrouble, Trouble } from '../plan/plan-troubles.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Gateway } from '../processes/gateway.ts';
import { STUCK, type Tally } from '../processes/tally.ts';
import type { EndingsWatch } from '../world/watch-endings.ts';
import { terminateBackends } from './backends.sql.ts';
import type { CuttingProxy } from './cutting-proxy.ts';
import type { ProofDatabase } from './database.ts';
import { holdRow } from './row-locks.sql.ts';
import { countAcceptedBeside, findStuckApis } from './watch-answers.ts';

const CUT_DEADLINE_MS = 10_000;
const SESSIONS_DEADLINE_MS = 20_000;
const TRIES = 5;
const TRY_AGAIN_MS = 2000;
/** Beyond the numbers that the plan gives to bursts. */
const BURSTS_OF_SWITCHOVERS = 2e9;
const BURSTS_OF_SPELLS = 3e9;
const SPELL_BURST = 'burst at a read-only database';

export interface TroubleTargets {
  readonly fleet: Fleet;
  readonly gateway: Gateway;
  readonly database: ProofDatabase;
  readonly proxyOf: (name: MemberName) => CuttingProxy;
  readonly tally: Tally;
  readonly journal: ClientJournal;
  readonly watch: EndingsWatch;
  /** Lets clients send many requests within a moment; their answers are waited for elsewhere. */
  readonly sendBurst: (number: number) => void;
}

/** Makes each planned trouble at its time; one that lasts may overlap the next. Resolves when all are over. */
export async function makeTroubles(
  troubles: readonly TimedTrouble[],
  targets: TroubleTargets,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  for (const trouble of troubles) {
    const pauseMs = startedAt + trouble.atMs - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    underWay.push(insist(trouble, targets, signal));
  }
  await Promise.all(underWay);
}

/** Tries again a little later what earlier troubles make impossible now. */
async function insist(trouble: Trouble, targets: TroubleTargets, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await makeTrouble(trouble, targets);
      return;
    } catch {
      if (tries === TRIES || signal.aborted) {
        targets.tally.count(`could not be made: ${trouble.kind}`);
        return;
      }
      await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function atLeastOne(count: number): number {
  if (count === 0) throw new Error('there was nothing to do this to');
  return count;
}

/** Cuts the connections of a process; of another one when it has none, which may be dead at this moment. */
async function cutSomebody(chosen: MemberName, proxyOf: (name: MemberName) => CuttingProxy): Promise<number> {
  const deadline = performance.now() + CUT_DEADLINE_MS;
  while (performance.now() < deadline) {
    for (const name of [chosen, ...MEMBER_NAMES]) {
      const count = proxyOf(name).cutAll();
      if (count > 0) return count;
    }
    await sleep(100);
  }
  return 0;
}

/** The database may be away, or without sessions of ours, because of the trouble before. */
async function terminateSome(
  { pool }: ProofDatabase,
  choice: { readonly share: number; readonly draw: number },
): Promise<number> {
  const deadline = performance.now() + SESSIONS_DEADLINE_MS;
  for (;;) {
    const count = await terminateBackends(pool, choice).catch(() => 0);
    if (count > 0 || performance.now() > deadline) return count;
    await sleep(200);
  }
}

async function makeTrouble(trouble: Trouble, targets: TroubleTargets): Promise<void> {
  const { fleet, gateway, database, proxyOf, tally, sendBurst } = targets;
  switch (trouble.kind) {
    case 'kill':
      fleet.kill(trouble.member);
      tally.count('kill -9 at any moment');
      return;
    case 'pause':
      fleet.pause(trouble.member);
      tally.count('SIGSTOP longer than the lease');
      return;
    case 'terminate_backends':
      tally.count('pg_terminate_backend', atLeastOne(await terminateSome(database, trouble)));
      return;
    case 'restart_postgres':
      tally.count('Postgres stopped with -m immediate');
      sendBurst(trouble.number);
      await sleep(trouble.afterMs);
      tally.recovered('Postgres', await database.crash());
      return;
    // Counted when a statement has met the cut.
    case 'cut_after_commit':
      proxyOf(trouble.member).cutAfter('commit', trouble.count);
      return;
    case 'cut_after_claim':
      proxyOf(trouble.member).cutAfter('claim', 1);
      return;
    case 'cut_connections':
      tally.count('connection cut at any moment', atLeastOne(await cutSomebody(trouble.member, proxyOf)));
      return;
    case 'gateway_down':
      tally.count('gateway down');
      await gateway.behave({ is_down: true });
      await sleep(trouble.durationMs);
      await gateway.behave({ is_down: false });
      return;
    case 'gateway_stall':
      tally.count('gateway stalled');
      gateway.signal('SIGSTOP');
      await sleep(trouble.durationMs);
      gateway.signal('SIGCONT');
      return;
    case 'gateway_turns_away':
      tally.count(`gateway turned away: ${WAYS[trouble.how]}`);
      await gateway.behave({ turned_away: trouble.how });
      await sleep(trouble.durationMs);
      await gateway.behave({ turned_away: null });
      return;
    case 'gateway_kill':
      await gateway.crash();
      tally.count('gateway killed with -9');
      return;
    case 'lock_row':
      await sitOnRow(trouble, targets);
      return;
    case 'read_only':
      await turnReadOnly(trouble, targets);
      return;
    case 'switch_over':
      await switchOver(trouble, targets);
  }
}

/** As the report names them. */
const WAYS: Record<TurnedAway, string> = {
  unauthorized: '401',
  forbidden: 'a proxy',
  no_route: 'a proxy',
  rate_limit: '429',
  rate_limit_silently: '429',
};

async function sitOnRow(
  { row, draw, durationMs }: Extract<Trouble, { kind: 'lock_row' }>,
  { database, journal, tally }: TroubleTargets,
): Promise<void> {
  const deadline = performance.now() + SESSIONS_DEADLINE_MS;
  // There may be no such row at this moment, or no database.
  while (performance.now() < deadline) {
    const since = new Date();
    const userId = await holdRow(database.pool, { row, draw }, () => sleep(durationMs)).catch(
      () => undefined,
    );
    if (userId !== undefined) {
      tally.count(`row locked for seconds: ${row}`);
      tally.count('accepted while a row was locked', countAcceptedBeside(journal, { userId, since }));
      return;
    }
    await sleep(100);
  }
  throw new Error('there was no row to lock');
}

async function turnReadOnly(
  { durationMs }: Extract<Trouble, { kind: 'read_only' }>,
  { database, fleet, journal, tally, sendBurst }: TroubleTargets,
): Promise<void> {
  const ask = () => {
    sendBurst(BURSTS_OF_SPELLS + tally.countOf(SPELL_BURST));
    tally.count(SPELL_BURST);
  };
  await database.turnReadOnly({
    durationMs,
    // So that sessions are opened that will stay read-only.
    whenReadOnly: async () => ask(),
    async whenOver() {
      tally.count('database read-only for a while');
      tally.count(STUCK, (await findStuckApis({ fleet, journal, ask })).length);
    },
  });
}

async function switchOver(
  { calmMs, stallMs }: Extract<Trouble, { kind: 'switch_over' }>,
  { database, proxyOf, tally, watch, sendBurst }: TroubleTargets,
): Promise<void> {
  const awayMs = await database.switchOver({
    calmMs,
    stallMs,
    onCancelled: (count) => tally.count('COMMIT cancelled while it waited for a standby', count),
    onDoubt(isDoubtful) {
      watch.doubt(isDoubtful);
      // So that many COMMITs wait when they are cancelled.
      if (isDoubtful) sendBurst(BURSTS_OF_SWITCHOVERS + tally.countOf('burst behind a standby'));
      if (isDoubtful) tally.count('burst behind a standby');
    },
    onMoved() {
      for (const name of MEMBER_NAMES) proxyOf(name).cutAll();
    },
  });
  tally.count('server lost, standby took over');
  tally.recovered('server that a standby replaced', awayMs);
}
