import { STUCK, type Tally } from '../processes/tally.ts';
import type { OpenWork, Violation } from '../world/world.ts';

export interface Evidence {
  readonly violations: readonly Violation[];
  readonly leftOpen: OpenWork;
  readonly acceptedCount: number;
  readonly wantedCount: number;
  /** Answers 500. A failpoint that is armed to fail may cause one; nothing else may. */
  readonly internalErrorCount: number;
  readonly tally: Pick<Tally, 'countOf' | 'killsAtFailpoints' | 'errorsAtFailpoints'>;
}

export type Verdict =
  | { readonly kind: 'proved' }
  | { readonly kind: 'violated'; readonly violation: Violation; readonly count: number }
  /** The run was too short, too calm, or not over: it proves nothing. */
  | { readonly kind: 'not_proved'; readonly reasons: readonly string[] };

const MIN_ACCEPTED = 50;
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
  'accepted beside a locked row',
  'COMMIT cancelled while it waited for a standby',
  'server lost, standby took over',
  'gateway down',
  'gateway stalled',
  'gateway killed with -9',
  'gateway turned away: 401',
  'gateway turned away: a proxy',
  'gateway turned away: 429',
  'redrive refused for evidence',
  'dead letters: redrive of many',
  'started with a wrong clock',
] as const;

/** What the gateway must have said at least once. This is known when the run is over: its journal tells. */
export const REQUIRED_WORDS = [
  'misreported in an answer',
  'misreported in an inquiry',
  'misreported in a callback',
  'answered vaguely',
  'inquiry that did not find an execution',
] as const;

/** What has not happened yet and must, for the run to be a proof. */
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

/** Decides what a run has shown. A violation counts whatever else went wrong; without one, the run must have been hard enough. */
export function judge(evidence: Evidence): Verdict {
  const { violations, leftOpen, acceptedCount, wantedCount, internalErrorCount, tally } = evidence;
  const [violation] = violations;
  if (violation) return { kind: 'violated', violation, count: violations.length };
  const minAccepted = Math.max(MIN_ACCEPTED, Math.floor(wantedCount * MIN_ACCEPTED_SHARE));
  const reasons = [
    ...(leftOpen.tasks === 0 ? [] : [`${leftOpen.tasks} tasks were left when the time was over`]),
    ...(leftOpen.inquiries === 0
      ? []
      : [`${leftOpen.inquiries} outcomes were unknown when the time was over`]),
    ...(leftOpen.orders === 0 ? [] : [`${leftOpen.orders} redrives of many went on when the time was over`]),
    ...(acceptedCount >= minAccepted
      ? []
      : [`${acceptedCount} payments were accepted, and at least ${minAccepted} are needed`]),
    ...(internalErrorCount <= tally.errorsAtFailpoints()
      ? []
      : [
          `${internalErrorCount} requests were answered 500, and ${tally.errorsAtFailpoints()} failpoints were made to fail`,
        ]),
    ...(tally.countOf(STUCK) === 0 ? [] : [`an API ${STUCK}`]),
    ...listMissingTroubles(tally),
    ...REQUIRED_WORDS.filter((name) => tally.countOf(name) === 0).map((name) => `the gateway never: ${name}`),
  ];
  return reasons.length === 0 ? { kind: 'proved' } : { kind: 'not_proved', reasons };
}
