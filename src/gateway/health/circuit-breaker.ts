import type { InquiryOutcome, PayOutcome } from '../port/payment-gateway.ts';
import { decideCallHealth, retryAfterOf } from './call-health.ts';
import {
  type BreakerPolicy,
  type BreakerState,
  beginProbe,
  closedBreaker,
  decideAfterCall,
  decideAfterLateCall,
} from './decide-breaker.ts';

/** Records the state of the breaker when a call was started; a call from an earlier state decides nothing. */
export type BreakerTicket = number;

export interface BreakerChange {
  readonly from: BreakerState['kind'];
  readonly to: BreakerState['kind'];
  /** The result of the call that caused the change, for people. */
  readonly reason: string;
  readonly probeInMs: number | null;
}

/** The view for people and metrics. */
export interface BreakerView {
  readonly state: BreakerState['kind'];
  readonly since: Date;
  readonly nextProbeAt: Date | null;
}

export interface CircuitBreaker {
  /** Tracks whether the gateway is believed to work. While it is not, nothing is claimed and no attempt is used up. */
  isClosed(): boolean;
  /** The calls at once that are allowed: 0 while not closed, few after an outage, otherwise unlimited. */
  allowance(): number;
  isProbeDue(): boolean;
  /** How long until a probe may be sent, in milliseconds; null if none is planned. */
  msUntilProbe(): number | null;
  /** Starts the one probe: undefined if none is due, or somebody else was faster. */
  beginProbe(): BreakerTicket | undefined;
  /** A ticket for a call that starts now. */
  ticket(): BreakerTicket;
  /** Reports how a call ended; undefined if it was not made after all. Every probe's ticket must be reported here. */
  record(ticket: BreakerTicket, outcome: PayOutcome | InquiryOutcome | undefined): void;
  view(): BreakerView;
}

/**
 * Gates the work of one worker process on the health of its gateway. Each process has its own breaker: its path to the gateway is also its
 * own (network, proxy, connection pool), and it must be able to stop without agreement of others.
 */
export function createCircuitBreaker({
  policy,
  onChange = () => {},
  now = () => performance.now(),
  random = Math.random,
}: {
  readonly policy: BreakerPolicy;
  readonly onChange?: (change: BreakerChange) => void;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
  readonly random?: () => number;
}): CircuitBreaker {
  let state: BreakerState = closedBreaker(now());
  let generation: BreakerTicket = 0;

  function moveTo(next: BreakerState, reason: string): void {
    const from = state.kind;
    state = next;
    if (next.kind === from) return;
    generation += 1;
    onChange({ from, to: next.kind, reason, probeInMs: msUntilProbe() });
  }

  function msUntilProbe(): number | null {
    return state.kind === 'open' ? Math.max(0, state.probeAtMs - now()) : null;
  }

  return {
    isClosed: () => state.kind === 'closed',
    allowance: () => (state.kind === 'closed' ? Math.floor(state.allowance) : 0),
    isProbeDue: () => msUntilProbe() === 0,
    msUntilProbe,
    beginProbe() {
      if (state.kind !== 'open' || state.probeAtMs > now()) return undefined;
      moveTo(beginProbe(state, now()), 'a probe goes out');
      return generation;
    },
    ticket: () => generation,
    record(ticket, outcome) {
      const report = {
        health: outcome ? decideCallHealth(outcome) : ('says_nothing' as const),
        retryAfterMs: outcome ? retryAfterOf(outcome) : null,
        nowMs: now(),
        random: random(),
      };
      const next =
        ticket === generation ? decideAfterCall(state, report, policy) : decideAfterLateCall(state, report);
      moveTo(next, outcome ? describe(outcome) : 'the call was not made');
    },
    view() {
      // Read once: two readings may straddle a millisecond, and the two times below would disagree by it.
      const wallAheadMs = Date.now() - now();
      const wallMs = (monotonicMs: number) => new Date(wallAheadMs + monotonicMs);
      return {
        state: state.kind,
        since: wallMs(state.sinceMs),
        nextProbeAt: state.kind === 'open' ? wallMs(state.probeAtMs) : null,
      };
    },
  };
}

function describe(outcome: PayOutcome | InquiryOutcome): string {
  return 'errorClass' in outcome ? `${outcome.errorClass}: ${outcome.message}` : outcome.kind;
}
