import type { TurnedAway } from '../../src/gateway-mock/behaviour.ts';
import type { LockedRow } from '../inject/row-locks.sql.ts';
import { API_NAMES, MEMBER_NAMES, type MemberName, WORKER_NAMES } from './members.ts';
import { createRandom, type Random } from './random.ts';

/** One trouble from outside. Failpoints are planned with each life of a process. */
export type Trouble =
  | { readonly kind: 'kill' | 'pause' | 'cut_connections' | 'cut_after_claim'; readonly member: MemberName }
  | { readonly kind: 'cut_after_commit'; readonly member: MemberName; readonly count: number }
  | { readonly kind: 'terminate_backends'; readonly share: number; readonly draw: number }
  /** In the middle of a burst of requests, this long after its beginning. */
  | { readonly kind: 'restart_postgres'; readonly afterMs: number; readonly number: number }
  /** The database is read-only for a while. */
  | { readonly kind: 'read_only'; readonly durationMs: number }
  /** A session keeps a row locked; `draw` chooses the row, as a share of all. */
  | {
      readonly kind: 'lock_row';
      readonly row: LockedRow;
      readonly draw: number;
      readonly durationMs: number;
    }
  /** The server is lost for good while COMMITs wait for its standby; the standby takes over. */
  | { readonly kind: 'switch_over'; readonly calmMs: number; readonly stallMs: number }
  | { readonly kind: 'gateway_down' | 'gateway_stall'; readonly durationMs: number }
  | { readonly kind: 'gateway_turns_away'; readonly how: TurnedAway; readonly durationMs: number }
  | { readonly kind: 'gateway_kill' };

export type TimedTrouble = Trouble & { readonly atMs: number };

/** Every round has each of these, in random order. */
const ROUND: readonly ((random: Random) => Trouble)[] = [
  (random) => ({ kind: 'kill', member: random.pick(MEMBER_NAMES) }),
  (random) => ({ kind: 'pause', member: random.pick(WORKER_NAMES) }),
  (random) => ({ kind: 'pause', member: random.pick(API_NAMES) }),
  (random) => ({ kind: 'terminate_backends', share: random.next(), draw: random.next() }),
  (random) => ({ kind: 'terminate_backends', share: random.next(), draw: random.next() }),
  crashPostgres,
  crashPostgres,
  (random) => ({ kind: 'cut_after_commit', member: random.pick(API_NAMES), count: random.between(1, 3) }),
  (random) => ({ kind: 'cut_after_commit', member: random.pick(WORKER_NAMES), count: random.between(1, 3) }),
  (random) => ({ kind: 'cut_after_commit', member: random.pick(MEMBER_NAMES), count: random.between(1, 3) }),
  (random) => ({ kind: 'cut_after_claim', member: random.pick(WORKER_NAMES) }),
  (random) => ({ kind: 'cut_connections', member: random.pick(MEMBER_NAMES) }),
  (random) => ({ kind: 'gateway_down', durationMs: random.between(800, 3000) }),
  (random) => ({ kind: 'gateway_stall', durationMs: random.between(600, 1500) }),
  (random) => turnAway(random, ['unauthorized']),
  (random) => turnAway(random, ['forbidden', 'no_route']),
  (random) => turnAway(random, ['rate_limit', 'rate_limit_silently']),
  () => ({ kind: 'gateway_kill' }),
  (random) => ({ kind: 'read_only', durationMs: random.between(1500, 3500) }),
  (random) => lockRow(random, ['wallet']),
  (random) => lockRow(random, ['payment', 'task']),
  (random) => ({
    kind: 'switch_over',
    calmMs: random.between(200, 800),
    stallMs: random.between(200, 900),
  }),
];

function turnAway(random: Random, ways: readonly TurnedAway[]): Trouble {
  return { kind: 'gateway_turns_away', how: random.pick(ways), durationMs: random.between(800, 2500) };
}

/** Longer than the lock time-out and the statement time-out. */
function lockRow(random: Random, rows: readonly LockedRow[]): Trouble {
  return {
    kind: 'lock_row',
    row: random.pick(rows),
    draw: random.next(),
    durationMs: random.between(2500, 5000),
  };
}

function crashPostgres(random: Random): Trouble {
  return { kind: 'restart_postgres', afterMs: random.between(5, 80), number: random.between(0, 1e9) };
}

/** The widest gap between two troubles. */
const MAX_GAP_MS = 3000;

/** Plans the troubles of a run from its seed: at least one round of all kinds, and more of them when there is time. */
export function planTroubles(seed: number, durationMs: number): TimedTrouble[] {
  const random = createRandom(seed, 'troubles');
  const gapMs = Math.min(MAX_GAP_MS, durationMs / (ROUND.length + 1));
  const troubles: TimedTrouble[] = [];
  while ((troubles.length + 1) * gapMs < durationMs) {
    for (const draw of random.shuffle(ROUND)) {
      const atMs = Math.round((troubles.length + 1 + random.next() / 2 - 0.25) * gapMs);
      if (atMs >= durationMs) break;
      troubles.push({ ...draw(random), atMs });
    }
  }
  return troubles;
}
