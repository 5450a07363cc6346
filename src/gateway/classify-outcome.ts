import { storableText } from '../shared/text.ts';
import { describeFailure, type GatewayErrorClass } from './gateway-failure.ts';
import { type NamedFacts, NOTHING_NAMED } from './named-facts.ts';
import type { InquiryOutcome, PayOutcome } from './payment-gateway.ts';
import { parseRetryAfterMs } from './retry-after.ts';

/** An HTTP answer as far as it was read. `body` is the parsed JSON, or undefined when it was none. */
export interface GatewayAnswer {
  readonly httpStatus: number;
  readonly body: unknown;
  readonly retryAfter: string | undefined;
}

/** Statuses of the 4xx range that say nothing final: the request may be, or may yet be, carried out. */
const NOT_FINAL_4XX: ReadonlyMap<number, GatewayErrorClass> = new Map([
  [408, 'request_timeout'],
  [409, 'conflict'],
  [425, 'too_early'],
]);

const WORDS_FOR_SUCCESS = new Set([
  'succeeded',
  'success',
  'successful',
  'completed',
  'executed',
  'paid',
  'settled',
  'ok',
]);
const WORDS_FOR_REFUSAL = new Set(['declined', 'refused', 'rejected']);
const WORDS_FOR_PENDING = new Set(['pending', 'processing', 'accepted', 'queued']);

type Verdict = 'succeeded' | 'declined' | 'pending' | 'contradictory' | 'unreadable' | 'silent';

/**
 * What an answer to a send says about the money. Only a 2xx with a readable body that does not contradict it is a success,
 * only a final 4xx is a refusal, and only 429 says that nothing was done; everything else leaves it open.
 */
export function classifyPayAnswer(answer: GatewayAnswer, nowMs: number): PayOutcome {
  const { httpStatus, body } = answer;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);
  const unknown = (errorClass: GatewayErrorClass, message: string): PayOutcome => ({
    kind: 'unknown',
    retryAfterMs,
    ...describeFailure(errorClass, message, httpStatus),
  });

  if (isSuccessStatus(httpStatus)) {
    const verdict = verdictOf(body);
    // 202 promises nothing about the outcome (RFC 9110, 15.3.3), so its body has to.
    if (verdict === 'succeeded' || (verdict === 'silent' && httpStatus !== 202)) {
      return {
        kind: 'succeeded',
        gatewayReference: gatewayReferenceOf(body),
        named: namedFactsOf(body),
        httpStatus,
      };
    }
    if (verdict === 'pending' || verdict === 'silent') return unknown('pending', messageOf(answer));
    if (verdict === 'unreadable') return unknown('unreadable', `HTTP ${httpStatus} without a readable body`);
    return unknown('contradictory', `HTTP ${httpStatus} with a body that does not say success`);
  }
  if (httpStatus === 429) {
    const failure = describeFailure('rate_limited', messageOf(answer), httpStatus);
    return { kind: 'not_executed', retryAfterMs, ...failure };
  }
  if (httpStatus >= 400 && httpStatus < 500 && !NOT_FINAL_4XX.has(httpStatus)) {
    return { kind: 'refused', ...describeFailure('refused', messageOf(answer), httpStatus) };
  }
  return unknown(classOfOpenStatus(httpStatus), messageOf(answer));
}

/**
 * What an answer to a question says. It must say so in as many words: a bare 200 is no success here, and a 404 counts only in
 * the gateway's own words, because that of a proxy in between would turn a payment that happened into one that did not.
 */
export function classifyInquiryAnswer(answer: GatewayAnswer, nowMs: number): InquiryOutcome {
  const { httpStatus, body } = answer;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);
  const unknown = (errorClass: GatewayErrorClass, message: string): InquiryOutcome => ({
    kind: 'unknown',
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...describeFailure(errorClass, message, httpStatus),
  });

  if (httpStatus === 404 && isRecord(body) && body.code === 'payment_not_found') return { kind: 'not_found' };
  if (!isSuccessStatus(httpStatus)) return unknown(classOfOpenStatus(httpStatus), messageOf(answer));
  switch (verdictOf(body)) {
    case 'succeeded':
      return { kind: 'succeeded', gatewayReference: gatewayReferenceOf(body), named: namedFactsOf(body) };
    case 'declined':
      return { kind: 'refused', ...describeFailure('refused', messageOf(answer), httpStatus) };
    case 'pending':
      return unknown('pending', 'the gateway is still working on it');
    case 'contradictory':
      return unknown('contradictory', `HTTP ${httpStatus} with a status that makes no sense`);
    default:
      return unknown('unreadable', `HTTP ${httpStatus} without a readable status`);
  }
}

function verdictOf(body: unknown): Verdict {
  if (!isRecord(body)) return 'unreadable';
  const isMarkedFailed = body.success === false || body.ok === false || Boolean(body.error);
  if (body.status === undefined) return isMarkedFailed ? 'contradictory' : 'silent';
  const word = typeof body.status === 'string' ? body.status.toLowerCase() : '';
  if (WORDS_FOR_REFUSAL.has(word)) return 'declined';
  if (WORDS_FOR_PENDING.has(word)) return 'pending';
  return WORDS_FOR_SUCCESS.has(word) && !isMarkedFailed ? 'succeeded' : 'contradictory';
}

function classOfOpenStatus(httpStatus: number): GatewayErrorClass {
  if (httpStatus === 429) return 'rate_limited';
  if (httpStatus >= 300 && httpStatus < 400) return 'http_3xx';
  if (httpStatus >= 400 && httpStatus < 500) return NOT_FINAL_4XX.get(httpStatus) ?? 'http_4xx';
  return httpStatus >= 500 && httpStatus < 600 ? 'http_5xx' : 'other';
}

function isSuccessStatus(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/** `reference` comes last: a gateway that has a name of its own for the payment may echo ours there. */
function gatewayReferenceOf(body: unknown): string | null {
  if (!isRecord(body)) return null;
  for (const value of [body.gateway_reference, body.id, body.reference]) {
    if (typeof value === 'string' && value !== '') return storableText(value, 255);
    if (typeof value === 'number') return String(value);
  }
  return null;
}

function namedFactsOf(body: unknown): NamedFacts {
  if (!isRecord(body)) return NOTHING_NAMED;
  const { amount, currency, type, reference } = body;
  return {
    amount: textOf(amount),
    currency: textOf(currency),
    type: textOf(type),
    reference: textOf(reference),
  };
}

function textOf(value: unknown): string | null {
  const isText = typeof value === 'string' || typeof value === 'number';
  return isText && value !== '' ? storableText(String(value), 64) : null;
}

function messageOf({ httpStatus, body }: GatewayAnswer): string {
  const said = isRecord(body) ? (body.message ?? body.detail ?? body.code) : undefined;
  return typeof said === 'string' ? `HTTP ${httpStatus}: ${said}` : `HTTP ${httpStatus}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
