import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../shared/config.ts';

/** What the mock does with one call. `execute_then_...` moves the money first and then hides it. */
export const CALL_MODES = [
  'ok',
  'timeout',
  'execute_then_timeout',
  'error',
  'execute_then_error',
  'refuse',
  'rate_limit',
  'reset',
  'execute_then_reset',
  'garbage',
] as const;
export type CallMode = (typeof CALL_MODES)[number];

const rate = z.number().min(0).max(1);
const delayMs = z.number().int().min(0).max(60_000);

/** What can be changed at run time. Rates are shares of calls from 0 to 1; `payments` scripts the next calls of single payments. */
export const behaviourSchema = z
  .strictObject({
    timeout_rate: rate,
    error_rate: rate,
    refusal_rate: rate,
    /** Of the timeouts and errors, the share that executes the payment first. */
    executed_fault_rate: rate,
    latency_median_ms: delayMs,
    latency_p99_ms: delayMs,
    inquiry_error_rate: rate,
    /** An executed payment is not found by inquiries for this long. */
    inquiry_lag_ms: delayMs,
    /** Every call is answered 503: the gateway is down. */
    is_down: z.boolean(),
    payments: z.record(z.string().regex(/^\d{1,19}$/), z.array(z.enum(CALL_MODES)).max(100)),
  })
  .refine((value) => value.timeout_rate + value.error_rate + value.refusal_rate <= 1, {
    path: ['timeout_rate'],
    message: 'timeout_rate, error_rate and refusal_rate must not add up to more than 1',
  });

export type Behaviour = z.infer<typeof behaviourSchema>;

/** The behaviour that the settings ask for. */
export function behaviourFromConfig(config: Config): Behaviour {
  return {
    timeout_rate: config.GATEWAY_MOCK_TIMEOUT_RATE,
    error_rate: config.GATEWAY_MOCK_ERROR_RATE,
    refusal_rate: config.GATEWAY_MOCK_REFUSAL_RATE,
    executed_fault_rate: config.GATEWAY_MOCK_EXECUTED_FAULT_RATE,
    latency_median_ms: config.GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS,
    latency_p99_ms: config.GATEWAY_MOCK_LATENCY_P99_SECONDS,
    inquiry_error_rate: 0,
    inquiry_lag_ms: 0,
    is_down: false,
    payments: {},
  };
}

/**
 * Decides one call from the seed, what it is about and how often it was made before. Nothing depends on the order in which
 * calls of different payments arrive, so a seed gives the same outcomes under any concurrency.
 */
export function decideCall(
  behaviour: Behaviour,
  call: {
    readonly seed: string;
    readonly reference: string;
    readonly callNumber: number;
    readonly paymentId: string;
  },
): CallMode {
  if (behaviour.is_down) return 'error';
  const scripted = behaviour.payments[call.paymentId]?.[call.callNumber];
  if (scripted) return scripted;
  const [kind, isExecuted] = drawNumbers(`${call.seed} ${call.reference} ${call.callNumber}`);
  const executes = isExecuted < behaviour.executed_fault_rate;
  if (kind < behaviour.timeout_rate) return executes ? 'execute_then_timeout' : 'timeout';
  if (kind < behaviour.timeout_rate + behaviour.error_rate) return executes ? 'execute_then_error' : 'error';
  if (kind < behaviour.timeout_rate + behaviour.error_rate + behaviour.refusal_rate) return 'refuse';
  return 'ok';
}

/** A latency in milliseconds from a log-normal distribution with the median and 99th percentile that the behaviour names. */
export function drawLatencyMs(behaviour: Behaviour, key: string): number {
  const { latency_median_ms: median, latency_p99_ms: p99 } = behaviour;
  if (median === 0 || p99 <= median) return median;
  const [a, b] = drawNumbers(`latency ${key}`);
  const gaussian = Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b);
  // 2.326 is the 99th percentile of the standard normal distribution.
  const sigma = Math.log(p99 / median) / 2.326;
  return Math.min(median * Math.exp(sigma * gaussian), 10 * p99);
}

/** Two numbers in [0, 1) that depend on the text and nothing else. */
export function drawNumbers(text: string): [number, number] {
  const digest = createHash('sha256').update(text).digest();
  return [digest.readUInt32BE(0) / 2 ** 32, digest.readUInt32BE(4) / 2 ** 32];
}
