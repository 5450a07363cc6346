import type { Behaviour, CallMode } from './behaviour.ts';
import { drawNumbers } from './draw-numbers.ts';

/** What identifies one call of a payment when chance decides about it. */
export interface CallIdentity {
  readonly seed: string;
  readonly reference: string;
  /** How many calls there were for this reference before. */
  readonly callNumber: number;
}

/**
 * Decides one call by the rates. Only the seed, the reference and the number of earlier calls matter, not the order in which calls of
 * different payments arrive, so a seed gives the same outcomes under any concurrency.
 */
export function decideCall(behaviour: Behaviour, call: CallIdentity): CallMode {
  const [kind, isExecuted] = drawNumbers(`call ${keyOf(call)}`);
  const executes = isExecuted < behaviour.executed_fault_rate;
  const errorsFrom = behaviour.timeout_rate;
  const refusalsFrom = errorsFrom + behaviour.error_rate;
  if (kind < errorsFrom) return executes ? 'execute_then_timeout' : 'timeout';
  if (kind < refusalsFrom) return executes ? 'execute_then_error' : 'error';
  const vagueFrom = refusalsFrom + behaviour.refusal_rate;
  if (kind < vagueFrom) return 'refuse';
  if (kind >= vagueFrom + behaviour.vague_rate) return 'ok';
  return executes ? 'execute_then_vague' : 'vague';
}

/** The 99th percentile of the standard normal distribution. */
const NORMAL_P99 = 2.326;

/**
 * Draws a latency in milliseconds from a log-normal distribution with the behaviour's median and 99th percentile, cut off at ten times the
 * latter. If the percentile is not above the median, every call takes the median.
 */
export function drawLatencyMs(behaviour: Behaviour, call: CallIdentity): number {
  const { latency_median_ms: medianMs, latency_p99_ms: p99Ms } = behaviour;
  if (medianMs === 0 || p99Ms <= medianMs) return medianMs;
  const [a, b] = drawNumbers(`latency ${keyOf(call)}`);
  const gaussian = Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b);
  const sigma = Math.log(p99Ms / medianMs) / NORMAL_P99;
  return Math.min(medianMs * Math.exp(sigma * gaussian), 10 * p99Ms);
}

function keyOf({ seed, reference, callNumber }: CallIdentity): string {
  return `${seed} ${reference} ${callNumber}`;
}
