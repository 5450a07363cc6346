import { Counter, type Registry, startAtZero } from '../telemetry/metrics.ts';
import type { HoldForOrderDecision, HoldForOrderResult } from './decide-hold-for-order.ts';
import type { ResolutionDecision, ResolveResult } from './decide-resolution.ts';
import type { HoldForOrderOutcome } from './hold-for-order.ts';

export const HOLD_ACTIONS = ['hold', 'capture', 'release'] as const;
export type HoldAction = (typeof HOLD_ACTIONS)[number];

type HoldEvent = 'placed' | 'captured' | 'released' | 'expired';
export type HoldRefusal =
  | Exclude<HoldForOrderDecision['kind'] | ResolutionDecision['kind'], HoldEvent | 'found'>
  | Exclude<HoldForOrderResult['kind'] | ResolveResult['kind'], 'answered'>
  | Exclude<HoldForOrderOutcome['kind'], 'decided' | 'replayed'>;

/** Records, so that the compiler finds a missing one: a counter that does not start at 0 hides its first increase. */
const IS_EVENT: Readonly<Record<HoldEvent, true>> = {
  placed: true,
  captured: true,
  released: true,
  expired: true,
};
const IS_REFUSAL: Readonly<Record<HoldRefusal, true>> = {
  user_not_found: true,
  wallet_not_found: true,
  wallet_frozen: true,
  wallet_closed: true,
  hold_not_funded: true,
  order_held_differently: true,
  hold_not_found: true,
  hold_ended: true,
  capture_exceeds_hold: true,
  target_not_found: true,
  target_has_no_wallet: true,
  key_reused: true,
  key_expired: true,
  key_in_use: true,
};

/** Counts what becomes of holds for orders; each event is counted by the process that committed it. */
export function createOrderHoldMetrics(registry: Registry) {
  const registers = [registry];
  const events = new Counter({
    name: 'tollgate_order_holds_total',
    help: 'Holds for orders that were placed, captured (each part counts), released by a client, or expired.',
    labelNames: ['event'],
    registers,
  });
  const refusals = new Counter({
    name: 'tollgate_order_holds_refused_total',
    help: 'Requests to hold, capture or release that were refused.',
    labelNames: ['action', 'reason'],
    registers,
  });
  const expiryFailures = new Counter({
    name: 'tollgate_order_hold_expiry_failures_total',
    help: 'Tries to let a hold expire that failed because of that hold, while others expired.',
    registers,
  });
  startAtZero(events, { event: Object.keys(IS_EVENT) });
  startAtZero(refusals, { action: HOLD_ACTIONS, reason: Object.keys(IS_REFUSAL) });
  return {
    happened(event: HoldEvent, count = 1): void {
      events.inc({ event }, count);
    },
    expiryFailed(): void {
      expiryFailures.inc();
    },
    refused(action: HoldAction, reason: HoldRefusal): void {
      refusals.inc({ action, reason });
    },
  };
}
