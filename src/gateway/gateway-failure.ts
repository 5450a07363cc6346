import type { GatewayFailure } from './payment-gateway.ts';

/** Every class that a failed call can have; bounded, so that it fits a metric label. */
export const GATEWAY_ERROR_CLASSES = [
  'refused',
  'rate_limited',
  'connection_refused',
  'dns',
  'unreachable',
  'tls',
  'timeout',
  'aborted',
  'reset',
  'request_timeout',
  'conflict',
  'too_early',
  'http_3xx',
  'http_4xx',
  'http_5xx',
  'pending',
  'contradictory',
  'unreadable',
  'other',
] as const;
export type GatewayErrorClass = (typeof GATEWAY_ERROR_CLASSES)[number];

const MAX_MESSAGE_LENGTH = 300;

/** Describes a call that did not succeed. The text goes into the database, which takes no NUL. */
export function describeFailure(
  errorClass: GatewayErrorClass,
  message: string,
  httpStatus: number | null,
): GatewayFailure {
  return { errorClass, message: message.replaceAll('\0', '').slice(0, MAX_MESSAGE_LENGTH), httpStatus };
}
