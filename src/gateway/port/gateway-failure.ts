import { storableText } from '../../text/text.ts';
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
  // The answer claims that the money moved, in a way that settles nothing but still is evidence.
  'claimed_success',
  'unauthorized',
  'wrong_address',
  'client_error',
  // Not from the gateway: recorded evidence kept us from sending.
  'withheld',
  'other',
] as const;
export type GatewayErrorClass = (typeof GATEWAY_ERROR_CLASSES)[number];

const MAX_MESSAGE_LENGTH = 300;

/** Describes a call that did not succeed, with text that can be stored unchanged. */
export function describeFailure(
  errorClass: GatewayErrorClass,
  message: string,
  httpStatus: number | null,
): GatewayFailure {
  return { errorClass, message: storableText(message, MAX_MESSAGE_LENGTH), httpStatus };
}
