import { STUCK, type Tally } from '../processes/tally.ts';
import type { OpenWork, Violation } from '../world/world.ts';
import { REQUIRED_OUTCOMES } from './count-commands.ts';

export interface Evidence {
  readonly violations: readonly Violation[];
  readonly leftOpen: OpenWork;
  readonly acceptedCount: number;
  /** How many payments clients came to ask for: a busy machine lets them ask for less than was planned. */
  readonly askedCount: number;
  /** Answers with 500. Only a failpoint that raises an error may cause one. */
  readonly internalErrorCount: number;
  readonly tally: Pick<Tally, 'countOf' | 'killsAtFailpoints' | 'errorsAtFailpoints'>;
}

export type Verdict =
  | { readonly kind: 'proved' }
  | { readonly kind: 'violated'; readonly violation: Violation; readonly count: number }
  /** The run was too short, too calm, or did not finish: it proves nothing. */
  | { readonly kind: 'not_proved'; readonly reasons: readonly string[] };

/** However slow the machine is. */
const MIN_ACCEPTED = 50;
/** Of what was asked for; a system that turns nearly everybody away proves nothing. */
const MIN_ACCEPTED_SHARE = 0.25;
const MIN_KILLS_AT_FAILPOINTS = 3;
/** Each of these must have happened at least once; a run without them is no proof. */
export const REQUIRED_TROUBLES = [
  'kill -9 at any moment',
  'SIGSTOP longer than the lease',
  'pg_terminate_backend',
  'Postgres stopped with -m immediate',
  'connection cut after COMMIT was sent',
  'connection cut at any moment',
  'callback delivered',
  'database read-only for a while',
  'row locked for seconds: wallet',
  'accepted while a row was locked',
  'COMMIT cancelled while it waited for a standby',
  'server lost, standby took over',
  'gateway down',
  'gateway stalled',
  'gateway killed with -9',
  'gateway turned away: 401',
  'gateway turned away: a proxy',
  'gateway turned away: 429',
  'redrive refused because of evidence',
  'dead letters: bulk redrive',
  'started with a wrong clock',
] as const;

/** What the gateway must have said at least once, as its journal shows when the run is over. */
export const REQUIRED_WORDS = [
  'misreported in an answer',
  'misreported in an inquiry',
  'misreported in a callback',
  'answered vaguely',
  'inquiry that missed an execution',
] as const;

/** What must still happen for the run to count as a proof. */
export function listMissingTroubles(tally: Pick<Tally, 'countOf' | 'killsAtFailpoints'>): string[] {
  const kills = tally.killsAtFailpoints();
  return [
    ...(kills >= MIN_KILLS_AT_FAILPOINTS
      ? []
      : [
          `${kills} processes were killed at a failpoint, and at least ${MIN_KILLS_AT_FAILPOINTS} are needed`,
        ]),
    ...REQUIRED_TROUBLES.filter((name) => tally.countOf(name) === 0).map((name) => `there was no "${name}"`),
  ];
}

/** The same for what clients must have been answered, and for what the gateway must have said. */
export function listMissingOutcomes(tally: Pick<Tally, 'countOf'>): string[] {
  const isMissing = (name: string) => tally.countOf(name) === 0;
  return [
    ...REQUIRED_OUTCOMES.filter(isMissing).map((name) => `there was no "${name}"`),
    ...REQUIRED_WORDS.filter(isMissing).map((name) => `the gateway was never caught with "${name}"`),
  ];
}

/** Decides what a run has shown. A violation always counts; without one, the run must have been hard enough. */
export function judge(evidence: Evidence): Verdict {
  const { violations, leftOpen, acceptedCount, askedCount, internalErrorCount, tally } = evidence;
  const [violation] = violations;
  if (violation) return { kind: 'violated', violation, count: violations.length };
  const minAccepted = Math.max(MIN_ACCEPTED, Math.floor(askedCount * MIN_ACCEPTED_SHARE));
  const reasons = [
    ...(leftOpen.tasks === 0 ? [] : [`${leftOpen.tasks} tasks were still in the queue when time ran out`]),
    ...(leftOpen.inquiries === 0
      ? []
      : [`${leftOpen.inquiries} outcomes were still unknown when time ran out`]),
    ...(leftOpen.orders === 0
      ? []
      : [`${leftOpen.orders} bulk redrives were still running when time ran out`]),
    ...(leftOpen.lateHolds === 0
      ? []
      : [`${leftOpen.lateHolds} holds whose time was over were still held when time ran out`]),
    ...(acceptedCount >= minAccepted
      ? []
      : [`${acceptedCount} of ${askedCount} payments were accepted, and at least ${minAccepted} are needed`]),
    ...(internalErrorCount <= tally.errorsAtFailpoints()
      ? []
      : [
          `${internalErrorCount} requests were answered 500, but only ${tally.errorsAtFailpoints()} failpoints raised an error`,
        ]),
    ...(tally.countOf(STUCK) === 0 ? [] : [`an API ${STUCK}`]),
    ...listMissingTroubles(tally),
    ...listMissingOutcomes(tally),
  ];
  return reasons.length === 0 ? { kind: 'proved' } : { kind: 'not_proved', reasons };
}
