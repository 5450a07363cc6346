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

/** Says in which state of the breaker a call was started; a call from an earlier state decides nothing. */
export type BreakerTicket = number;

export interface BreakerChange {
  readonly from: BreakerState['kind'];
  readonly to: BreakerState['kind'];
  /** What the call said that brought the change about, for people. */
  readonly reason: string;
  readonly probeInMs: number | null;
}

/** What people and metrics see. */
export interface BreakerView {
  readonly state: BreakerState['kind'];
  readonly since: Date;
  readonly nextProbeAt: Date | null;
}

export interface CircuitBreaker {
  /** Whether the gateway is believed to work. While it is not, nothing is claimed and no attempt is burnt. */
  isClosed(): boolean;
  /** Calls at once that are allowed: 0 while it is not closed, few after an outage, no limit otherwise. */
  allowance(): number;
  isProbeDue(): boolean;
  /** How long until a probe may go out, in milliseconds; null when none is waited for. */
  msUntilProbe(): number | null;
  /** Sends the one probe on its way: undefined when none is due, or somebody else was faster. */
  beginProbe(): BreakerTicket | undefined;
  /** For a call that starts now. */
  ticket(): BreakerTicket;
  /** Tells how a call ended; undefined when it was not made after all. Each ticket of a probe must come back here. */
  record(ticket: BreakerTicket, outcome: PayOutcome | InquiryOutcome | undefined): void;
  view(): BreakerView;
}

/**
 * Gates the work of one worker process on the health of its gateway. Each process has its own: what it sees of the
 * gateway is its own too (a network, a proxy, a pool of connections), and no other process has to agree before it stops.
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
      const wallMs = (monotonicMs: number) => new Date(Date.now() + monotonicMs - now());
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
