import { z } from 'zod';
import { type Config, ConfigError } from '../process/settings/config.ts';

/** What the mock can be told to do with one call. `execute_then_...` moves the money and then hides that. */
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
  'vague',
  'execute_then_vague',
  'unauthorized',
  'forbidden',
  'no_route',
  'rate_limit_silently',
] as const;
export type CallMode = (typeof CALL_MODES)[number];

/** How the gateway, or a proxy in front of it, can turn calls and inquiries away. Nothing is carried out. */
export const TURNED_AWAY = [
  'unauthorized',
  'forbidden',
  'no_route',
  'rate_limit',
  'rate_limit_silently',
] as const;
export type TurnedAway = (typeof TURNED_AWAY)[number];

const MAX_SCRIPTED_PAYMENTS = 10_000;
const MAX_SCRIPTED_CALLS = 100;

const rate = z.number().min(0).max(1);
const delayMs = z.number().int().min(0).max(60_000);
const scripts = z
  .record(z.string().regex(/^\d{1,19}$/), z.array(z.enum(CALL_MODES)).max(MAX_SCRIPTED_CALLS))
  .refine(
    (value) => Object.keys(value).length <= MAX_SCRIPTED_PAYMENTS,
    `must not have scripts for more than ${MAX_SCRIPTED_PAYMENTS} payments`,
  );

/** What can be changed at run time. Rates are shares of calls from 0 to 1. */
export const behaviourSchema = z
  .strictObject({
    timeout_rate: rate,
    error_rate: rate,
    refusal_rate: rate,
    /** Calls and inquiries that are answered 200 with a body that says nothing definite. */
    vague_rate: rate.default(0),
    /** The share of payments that are reported with the wrong amount, currency, type or reference. */
    misreport_rate: rate.default(0),
    /** The share of timeouts, errors and vague answers in which the payment is executed first. */
    executed_fault_rate: rate,
    latency_median_ms: delayMs,
    latency_p99_ms: delayMs,
    /** How long a client waits for an answer that does not come, until the connection is cut. */
    timeout_hold_ms: delayMs,
    inquiry_error_rate: rate,
    /** How long inquiries and the exported book do not show an executed payment. */
    inquiry_lag_ms: delayMs,
    /** A callback is sent between half and one and a half times this long after the outcome. */
    callback_delay_ms: delayMs.default(0),
    /** The share of callbacks that are delivered twice. */
    callback_duplicate_rate: rate.default(0),
    /** The share of callbacks that are held back, so that others overtake them. */
    callback_reorder_rate: rate.default(0),
    /** Every call is answered 503: the gateway is down. */
    is_down: z.boolean(),
    /** How every call and inquiry is turned away; null lets them in. */
    turned_away: z.enum(TURNED_AWAY).nullable().default(null),
    /** What to do with the next calls of certain payments, by payment id; this takes precedence over the rates. */
    payments: scripts,
  })
  .refine(
    (value) =>
      value.timeout_rate + value.error_rate + value.refusal_rate + value.vague_rate <= 1 + Number.EPSILON,
    {
      path: ['timeout_rate'],
      message: 'timeout_rate, error_rate, refusal_rate and vague_rate must not add up to more than 1',
    },
  );

export type Behaviour = z.infer<typeof behaviourSchema>;

/** Longer than any client waits, and short enough that abandoned connections do not pile up. */
const TIMEOUT_HOLD_MS = 30_000;

/**
 * The behaviour that the settings describe.
 * @throws ConfigError if the rates add up to more than 1.
 */
export function behaviourFromConfig(config: Config): Behaviour {
  const parsed = behaviourSchema.safeParse({
    timeout_rate: config.gatewayMock.timeoutRate,
    error_rate: config.gatewayMock.errorRate,
    refusal_rate: config.gatewayMock.refusalRate,
    executed_fault_rate: config.gatewayMock.executedFaultRate,
    latency_median_ms: config.gatewayMock.latencyMedianMs,
    latency_p99_ms: config.gatewayMock.latencyP99Ms,
    timeout_hold_ms: TIMEOUT_HOLD_MS,
    inquiry_error_rate: 0,
    inquiry_lag_ms: config.gatewayMock.inquiryLagMs,
    vague_rate: 0,
    misreport_rate: 0,
    turned_away: null,
    callback_delay_ms: config.gatewayMock.callbackDelayMs,
    callback_duplicate_rate: config.gatewayMock.callbackDuplicateRate,
    callback_reorder_rate: config.gatewayMock.callbackReorderRate,
    is_down: false,
    payments: {},
  } satisfies Behaviour);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    'Settings are not valid: GATEWAY_MOCK_TIMEOUT_RATE, GATEWAY_MOCK_ERROR_RATE and GATEWAY_MOCK_REFUSAL_RATE must not add up to more than 1',
  );
}
