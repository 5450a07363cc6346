import type { GatewayFailure, InquiryOutcome, PayOutcome } from './payment-gateway.ts';

/** An HTTP answer as far as it was read. `body` is the parsed JSON, or undefined when it was none. */
export interface GatewayAnswer {
  readonly httpStatus: number;
  readonly body: unknown;
  readonly retryAfter: string | undefined;
}

/** Statuses of the 4xx range that say nothing final: the request may be, or may yet be, carried out. */
const NOT_FINAL_4XX: ReadonlyMap<number, string> = new Map([
  [408, 'request_timeout'],
  [409, 'conflict'],
  [425, 'too_early'],
]);

/** No connection was made, so no byte of the request left. */
const NEVER_CONNECTED: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection_refused'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
]);

const LOST_ON_THE_WAY: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ERR_BAD_RESPONSE', 'unreadable'],
  ['HPE_INVALID_CONSTANT', 'unreadable'],
  ['ECONNABORTED', 'timeout'],
  ['ETIMEDOUT', 'timeout'],
  ['ERR_CANCELED', 'timeout'],
]);

/** A gateway that asks for more than this is asked again earlier. */
const MAX_RETRY_AFTER_MS = 3_600_000;
const MAX_MESSAGE_LENGTH = 300;

/**
 * What an answer to a send says about the money. Only a 2xx with a readable body is a success, only a final 4xx is a
 * refusal, and only 429 says that nothing was done; everything else leaves it open.
 */
export function classifyPayAnswer(answer: GatewayAnswer, nowMs: number): PayOutcome {
  const { httpStatus } = answer;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);
  if (httpStatus >= 200 && httpStatus < 300) {
    if (isRecord(answer.body) && !saysOtherwise(answer.body)) {
      return { kind: 'succeeded', gatewayReference: gatewayReferenceOf(answer.body), httpStatus };
    }
    return {
      kind: 'unknown',
      retryAfterMs,
      ...failure('unreadable', `HTTP ${httpStatus} without a readable success`, httpStatus),
    };
  }
  if (httpStatus === 429) {
    return { kind: 'not_executed', retryAfterMs, ...failure('rate_limited', messageOf(answer), httpStatus) };
  }
  if (httpStatus >= 400 && httpStatus < 500 && !NOT_FINAL_4XX.has(httpStatus)) {
    return { kind: 'refused', ...failure('refused', messageOf(answer), httpStatus) };
  }
  return {
    kind: 'unknown',
    retryAfterMs,
    ...failure(classOfOpenStatus(httpStatus), messageOf(answer), httpStatus),
  };
}

/**
 * What an answer to a question says. "Not found" counts only in the gateway's own words: a 404 of a proxy in between would
 * otherwise turn a payment that happened into one that did not.
 */
export function classifyInquiryAnswer(answer: GatewayAnswer): InquiryOutcome {
  const { httpStatus, body } = answer;
  if (httpStatus === 404 && isRecord(body) && body.code === 'payment_not_found') return { kind: 'not_found' };
  if (httpStatus >= 200 && httpStatus < 300) {
    const status = statusOf(body);
    if (status === 'succeeded') return { kind: 'succeeded', gatewayReference: gatewayReferenceOf(body) };
    if (status === 'declined')
      return { kind: 'refused', ...failure('refused', messageOf(answer), httpStatus) };
    if (status === 'pending')
      return { kind: 'unknown', ...failure('pending', 'the gateway is still working on it', httpStatus) };
    return {
      kind: 'unknown',
      ...failure('unreadable', `HTTP ${httpStatus} without a readable status`, httpStatus),
    };
  }
  return { kind: 'unknown', ...failure(classOfOpenStatus(httpStatus), messageOf(answer), httpStatus) };
}

/** What an error without an answer says. @param code Node's or axios's error code. */
export function classifyCallError(
  code: string | undefined,
): Extract<PayOutcome, { kind: 'not_executed' | 'unknown' }> {
  const neverConnected = NEVER_CONNECTED.get(code ?? '');
  if (neverConnected) {
    return {
      kind: 'not_executed',
      retryAfterMs: null,
      ...failure(neverConnected, `no connection to the gateway (${code})`, null),
    };
  }
  const errorClass = LOST_ON_THE_WAY.get(code ?? '') ?? 'other';
  const what = errorClass === 'timeout' ? 'no answer in time' : `the call broke off (${code ?? 'no code'})`;
  return { kind: 'unknown', retryAfterMs: null, ...failure(errorClass, what, null) };
}

/** Reads Retry-After (RFC 9110, 10.2.3: seconds, or a date) as milliseconds from now; null when it is missing or makes no sense. */
export function parseRetryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  const delayMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(delayMs) || delayMs < 0) return null;
  return Math.min(delayMs, MAX_RETRY_AFTER_MS);
}

function classOfOpenStatus(httpStatus: number): string {
  if (httpStatus >= 500) return 'http_5xx';
  if (httpStatus >= 300 && httpStatus < 400) return 'http_3xx';
  return NOT_FINAL_4XX.get(httpStatus) ?? (httpStatus >= 400 ? 'http_4xx' : 'unreadable');
}

function statusOf(body: unknown): 'succeeded' | 'declined' | 'pending' | undefined {
  if (!isRecord(body)) return undefined;
  switch (body.status) {
    case 'succeeded':
    case 'success':
      return 'succeeded';
    case 'declined':
    case 'refused':
      return 'declined';
    case 'pending':
      return 'pending';
    default:
      return undefined;
  }
}

/** Whether the body of a 2xx takes back what its status said. */
function saysOtherwise(body: Record<string, unknown>): boolean {
  const status = typeof body.status === 'string' ? body.status.toLowerCase() : undefined;
  return status !== undefined && /declin|refus|reject|fail|error|pend|process|unknown/.test(status);
}

function gatewayReferenceOf(body: unknown): string | null {
  if (!isRecord(body)) return null;
  return typeof body.gateway_reference === 'string' ? body.gateway_reference.slice(0, 255) : null;
}

function messageOf({ httpStatus, body }: GatewayAnswer): string {
  const said = isRecord(body) ? (body.message ?? body.detail ?? body.code) : undefined;
  return typeof said === 'string' ? `HTTP ${httpStatus}: ${said}` : `HTTP ${httpStatus}`;
}

function failure(errorClass: string, message: string, httpStatus: number | null): GatewayFailure {
  // The text goes into the database, which takes no NUL.
  return { errorClass, message: message.replaceAll('\0', '').slice(0, MAX_MESSAGE_LENGTH), httpStatus };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
