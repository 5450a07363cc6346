import { describeFailure, type GatewayErrorClass } from '../port/gateway-failure.ts';
import type { PayOutcome } from '../port/payment-gateway.ts';

/** Why a call ended without an answer, as reported by Node, axios or undici. */
export interface CallFault {
  readonly code: string | undefined;
  /** The system call that failed, if there was one. */
  readonly syscall: string | undefined;
}

/** Errors that only occur before there is a connection. */
const ALWAYS_BEFORE_CONNECTION: ReadonlyMap<string, GatewayErrorClass> = new Map([
  ['ECONNREFUSED', 'connection_refused'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['UND_ERR_CONNECT_TIMEOUT', 'unreachable'],
]);

/** Errors that can also end an open connection (a route that is lost after the request was sent), so the system call decides. */
const BEFORE_CONNECTION_IF_CONNECTING: ReadonlyMap<string, GatewayErrorClass> = new Map([
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
]);

const LOST_ON_THE_WAY: ReadonlyMap<string, GatewayErrorClass> = new Map([
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['ERR_BAD_RESPONSE', 'unreadable'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'unreadable'],
  ['UND_ERR_HEADERS_OVERFLOW', 'unreadable'],
  ['ECONNABORTED', 'timeout'],
  ['ETIMEDOUT', 'timeout'],
  ['ERR_CANCELED', 'aborted'],
  ['UND_ERR_ABORTED', 'aborted'],
  ['UND_ERR_DESTROYED', 'aborted'],
]);

/**
 * What a call without an answer says about the money. It is "not executed" only if it is certain that no connection was made, so that no
 * byte of the request was sent; otherwise the gateway may have received the request.
 */
export function classifyCallError({
  code = 'no code',
  syscall,
}: CallFault): Extract<PayOutcome, { kind: 'not_executed' | 'unknown' }> {
  const neverConnected =
    ALWAYS_BEFORE_CONNECTION.get(code) ??
    (syscall === 'connect' ? BEFORE_CONNECTION_IF_CONNECTING.get(code) : undefined);
  if (neverConnected) {
    const message = `no connection to the gateway (${code})`;
    return { kind: 'not_executed', retryAfterMs: null, ...describeFailure(neverConnected, message, null) };
  }
  const errorClass = LOST_ON_THE_WAY.get(code) ?? classByFamily(code);
  const message =
    errorClass === 'timeout' ? 'no answer in time' : `the connection broke during the call (${code})`;
  return { kind: 'unknown', retryAfterMs: null, ...describeFailure(errorClass, message, null) };
}

function classByFamily(code: string): GatewayErrorClass {
  if (code.startsWith('HPE_')) return 'unreadable';
  return /CERT|^ERR_TLS_|^ERR_SSL_|^UNABLE_TO_|^EPROTO$/.test(code) ? 'tls' : 'other';
}
