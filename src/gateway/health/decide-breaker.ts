import { backoffMs, jitterByShare } from '../../background/backoff.ts';
import type { CallHealth } from './call-health.ts';

export interface BreakerPolicy {
  /** The breaker opens when at least this share of the last calls failed. */
  readonly failureShare: number;
  /** With fewer calls than this, nothing is concluded; 0 keeps the breaker closed forever. */
  readonly minCalls: number;
  /** How many of the last calls count. */
  readonly windowCalls: number;
  /** The pause before the first probe. */
  readonly probeMs: number;
  /** The longest pause between two probes, without the jitter. */
  readonly probeMaxMs: number;
}

interface PastCall {
  readonly atMs: number;
  readonly isFailure: boolean;
}

interface Closed {
  readonly kind: 'closed';
  readonly sinceMs: number;
  readonly calls: readonly PastCall[];
  /** The calls at once that are allowed. After an outage it grows with each healthy answer, until it is unlimited. */
  readonly allowance: number;
  /** When "too many calls" last halved the allowance, which then grows slowly; null if it was not halved. */
  readonly limitedAtMs: number | null;
  /** How often it opened in a row without a recovery in between. */
  readonly openedCount: number;
}

interface Open {
  readonly kind: 'open';
  readonly sinceMs: number;
  readonly probeAtMs: number;
  readonly openedCount: number;
}

/** One probe is out. */
interface HalfOpen {
  readonly kind: 'half_open';
  readonly sinceMs: number;
  readonly openedCount: number;
}

export type BreakerState = Closed | Open | HalfOpen;

export interface CallReport {
  readonly health: CallHealth;
  readonly retryAfterMs: number | null;
  readonly nowMs: number;
  /** A number in [0, 1) for the jitter. */
  readonly random: number;
}

/** A call older than this says nothing about the gateway's current state. */
const CALL_MAX_AGE_MS = 60_000;
/** The allowance is halved at most once in this time. */
const LIMITED_PAUSE_MS = 1000;
/** A probe is delayed by up to a fifth of its pause, so that workers do not probe together. */
const LATER = jitterByShare(0.2);

export function closedBreaker(nowMs: number): Closed {
  return {
    kind: 'closed',
    sinceMs: nowMs,
    calls: [],
    allowance: Number.POSITIVE_INFINITY,
    limitedAtMs: null,
    openedCount: 0,
  };
}

/**
 * The effect of a call that was started in the current state. Pure. While the breaker is closed, the call counts; as the probe, it decides.
 * While the breaker is open, only a pause that the gateway asks for matters.
 */
export function decideAfterCall(
  state: BreakerState,
  report: CallReport,
  policy: BreakerPolicy,
): BreakerState {
  switch (state.kind) {
    case 'closed':
      return decideWhileClosed(state, report, policy);
    case 'half_open':
      return decideAfterProbe(state, report, policy);
    case 'open':
      return deferProbe(state, report);
  }
}

/** The probe goes out. */
export function beginProbe(state: Open, nowMs: number): HalfOpen {
  return { kind: 'half_open', sinceMs: nowMs, openedCount: state.openedCount };
}

/** A call that was started before the state changed means nothing, except that the gateway may ask for a pause. */
export function decideAfterLateCall(state: BreakerState, report: CallReport): BreakerState {
  return state.kind === 'open' ? deferProbe(state, report) : state;
}

function decideWhileClosed(state: Closed, report: CallReport, policy: BreakerPolicy): BreakerState {
  if (report.health === 'says_nothing' || policy.minCalls === 0) return state;
  const isFailure = report.health !== 'healthy';
  const calls = [...state.calls, { atMs: report.nowMs, isFailure }]
    .slice(-policy.windowCalls)
    .filter(({ atMs }) => atMs > report.nowMs - CALL_MAX_AGE_MS);
  const failureCount = calls.filter((call) => call.isFailure).length;
  const isOutage =
    isFailure && calls.length >= policy.minCalls && failureCount >= calls.length * policy.failureShare;
  if (isOutage) return open(state.openedCount, report, policy);

  if (report.health === 'limited') return { ...state, calls, ...cutAllowance(state, report, policy) };
  // After "too many calls", allow one more call after as many answers as calls are allowed; after an outage, one more for each answer.
  const step = state.limitedAtMs === null ? 1 : 1 / state.allowance;
  const grown = isFailure ? state.allowance : state.allowance + step;
  // After a full window of healthy answers the gateway is back, and the next outage starts with short pauses again.
  const isRecovered = grown > policy.windowCalls;
  return {
    ...state,
    calls,
    allowance: isRecovered ? Number.POSITIVE_INFINITY : grown,
    limitedAtMs: isRecovered ? null : state.limitedAtMs,
    openedCount: isRecovered ? 0 : state.openedCount,
  };
}

/**
 * A gateway that says "too many calls" gets half as many at once. Other calls in progress at that time will probably get the same answer,
 * which says nothing new.
 */
function cutAllowance(
  state: Closed,
  { nowMs }: CallReport,
  policy: BreakerPolicy,
): Pick<Closed, 'allowance' | 'limitedAtMs'> {
  const { allowance, limitedAtMs } = state;
  if (limitedAtMs !== null && nowMs - limitedAtMs < LIMITED_PAUSE_MS) return { allowance, limitedAtMs };
  return {
    allowance: Math.max(1, Math.floor(Math.min(allowance, policy.windowCalls) / 2)),
    limitedAtMs: nowMs,
  };
}

function decideAfterProbe(state: HalfOpen, report: CallReport, policy: BreakerPolicy): BreakerState {
  if (report.health === 'failing' || report.health === 'limited')
    return open(state.openedCount, report, policy);
  // We aborted the probe, so another one may be sent at once.
  if (report.health === 'says_nothing') {
    return {
      kind: 'open',
      sinceMs: report.nowMs,
      probeAtMs: report.nowMs,
      openedCount: state.openedCount,
    };
  }
  return {
    kind: 'closed',
    sinceMs: report.nowMs,
    calls: [],
    // Two calls, then four, then eight: sending everything that waited at once might break the gateway again.
    allowance: 2,
    limitedAtMs: null,
    openedCount: state.openedCount,
  };
}

function open(
  openedBefore: number,
  { nowMs, random, retryAfterMs }: CallReport,
  policy: BreakerPolicy,
): Open {
  const pauses = { baseMs: policy.probeMs, maxMs: policy.probeMaxMs, jitter: LATER };
  const probeInMs = Math.max(backoffMs(openedBefore + 1, pauses, random), retryAfterMs ?? 0);
  return { kind: 'open', sinceMs: nowMs, probeAtMs: nowMs + probeInMs, openedCount: openedBefore + 1 };
}

function deferProbe(state: Open, { nowMs, retryAfterMs }: CallReport): Open {
  if (retryAfterMs === null) return state;
  return { ...state, probeAtMs: Math.max(state.probeAtMs, nowMs + retryAfterMs) };
}
