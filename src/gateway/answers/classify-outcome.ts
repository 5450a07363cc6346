import { type AnswerMapping, CONTRACT_MAPPING } from '../../process/settings/gateway-answer-mapping.ts';
import { describeFailure, type GatewayErrorClass } from '../port/gateway-failure.ts';
import type { InquiryOutcome, PayOutcome } from '../port/payment-gateway.ts';
import { type DoorWord, findDoorWords } from './find-door-words.ts';
import { type AnswerWord, type GatewayAnswer, readAnswer } from './read-answer.ts';
import { membersOf } from './read-field.ts';
import { parseRetryAfterMs } from './retry-after.ts';

/**
 * 4xx statuses that are about the request or the access to the gateway, never about the payment: a wrong key, a wrong path, a proxy's rule,
 * a moment too early. Whatever their body claims, the outcome stays open, and we ask.
 */
const NEVER_FINAL: ReadonlyMap<number, GatewayErrorClass> = new Map([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'wrong_address'],
  [405, 'wrong_address'],
  [407, 'unauthorized'],
  [408, 'request_timeout'],
  [409, 'conflict'],
  [411, 'http_4xx'],
  [413, 'http_4xx'],
  [414, 'http_4xx'],
  [415, 'http_4xx'],
  [421, 'wrong_address'],
  [425, 'too_early'],
  [426, 'http_4xx'],
  [429, 'rate_limited'],
  [431, 'http_4xx'],
  [451, 'http_4xx'],
]);

interface Reading {
  /** Our reference of the payment that we asked about: "not found" must not be about another payment. */
  readonly reference?: string;
  readonly nowMs: number;
  /** How the gateway phrases its answers; by default the contract of docs/gateway.md. */
  readonly mapping?: AnswerMapping;
}

/**
 * What an answer to a send says about the money. Only 200 or 201 with a word for success in the status field is a success; only a refusal
 * in the gateway's own words and about this payment is a refusal; and only 429 says that nothing was done. Everything else leaves the
 * outcome open.
 */
export function classifyPayAnswer(
  answer: GatewayAnswer,
  { nowMs, mapping = CONTRACT_MAPPING }: Reading,
): PayOutcome {
  const { httpStatus } = answer;
  const word = readAnswer(answer, mapping);
  const { named, gatewayReference } = word;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);

  if (isDoneStatus(httpStatus) && word.verdict === 'succeeded')
    return { kind: 'succeeded', gatewayReference, named, httpStatus };
  const door = findDoorWords(answer.body, mapping);
  if (isRefusal(httpStatus, word) && !door)
    return { kind: 'refused', named, ...describeFailure('refused', messageOf(answer), httpStatus) };
  if (httpStatus === 429 && !claimsWork(word) && !word.claimsSuccess) {
    const failure = describeFailure('rate_limited', messageOf(answer), httpStatus);
    return { kind: 'not_executed', retryAfterMs, ...failure };
  }
  return { kind: 'unknown', retryAfterMs, ...describeOpen(answer, word, door) };
}

/**
 * What an answer to an inquiry says about the money. Only the gateway's own statement counts: a bare 200 is not a success, and a 404 counts
 * only with the gateway's code, because a proxy's 404 would make an executed payment look as if it were not.
 */
export function classifyInquiryAnswer(
  answer: GatewayAnswer,
  { reference, nowMs, mapping = CONTRACT_MAPPING }: Reading,
): InquiryOutcome {
  const { httpStatus } = answer;
  const word = readAnswer(answer, mapping);
  const { named, gatewayReference, verdict } = word;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);

  const door = findDoorWords(answer.body, mapping);
  // With a wrong key the gateway may not find its own payments. That it names our idempotency key proves nothing.
  const isKnown = door === undefined || door === 'conflict';
  if (
    httpStatus === 404 &&
    word.code === 'not_found' &&
    saysNothing(word) &&
    !word.claimsSuccess &&
    isKnown
  ) {
    const isOurs = named.reference === null || reference === undefined || named.reference === reference;
    if (isOurs) return { kind: 'not_found' };
  }
  if (isDoneStatus(httpStatus) && verdict === 'succeeded')
    return { kind: 'succeeded', gatewayReference, named };
  if (isDoneStatus(httpStatus) && verdict === 'refused' && !door)
    return { kind: 'refused', named, ...describeFailure('refused', messageOf(answer), httpStatus) };
  return {
    kind: 'unknown',
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...describeOpen(answer, word, door),
  };
}

/** 202 promises nothing (RFC 9110, 15.3.3), 203 is changed by a proxy, 204 has no body, 206 is only a part. */
function isDoneStatus(httpStatus: number): boolean {
  return httpStatus === 200 || httpStatus === 201;
}

function isRefusal(httpStatus: number, word: AnswerWord): boolean {
  if (isDoneStatus(httpStatus)) return word.verdict === 'refused';
  if (httpStatus < 400 || httpStatus >= 500 || NEVER_FINAL.has(httpStatus)) return false;
  // 402 is about a payment, and only a gateway answers it. Anybody may answer 400 with `rejected`.
  if (httpStatus !== 402 && !word.isAboutPayment) return false;
  return word.verdict === 'refused' || (word.code === 'refusal' && saysNothing(word));
}

/** If the status says nothing, the code may. */
function saysNothing({ verdict }: AnswerWord): boolean {
  return verdict === 'silent' || verdict === 'unclear';
}

/** The body says, despite the HTTP status, that the gateway did something or is about to. */
function claimsWork({ verdict }: AnswerWord): boolean {
  return verdict === 'succeeded' || verdict === 'pending' || verdict === 'contradictory';
}

function describeOpen(
  answer: GatewayAnswer,
  { verdict, claimsSuccess }: AnswerWord,
  door: DoorWord | undefined,
) {
  const { httpStatus } = answer;
  if (claimsSuccess)
    return describeFailure(
      'claimed_success',
      `HTTP ${httpStatus} that claims success, but cannot be trusted as one`,
      httpStatus,
    );
  if (httpStatus < 200 || httpStatus >= 300) {
    const errorClass = classOfOpenStatus(httpStatus);
    return describeFailure(
      errorClass === 'http_4xx' && !NEVER_FINAL.has(httpStatus) ? (door ?? errorClass) : errorClass,
      messageOf(answer),
      httpStatus,
    );
  }
  if (door && verdict !== 'pending') return describeFailure(door, messageOf(answer), httpStatus);
  if (verdict === 'pending' || (httpStatus === 202 && verdict !== 'contradictory'))
    return describeFailure('pending', 'the gateway is still working on it', httpStatus);
  if (verdict === 'contradictory' || verdict === 'succeeded')
    return describeFailure('contradictory', `HTTP ${httpStatus} with a body that contradicts it`, httpStatus);
  if (verdict === 'unclear')
    return describeFailure('contradictory', `HTTP ${httpStatus} with an unknown word as status`, httpStatus);
  return describeFailure('unreadable', `HTTP ${httpStatus} without a status for the payment`, httpStatus);
}

function classOfOpenStatus(httpStatus: number): GatewayErrorClass {
  if (httpStatus >= 300 && httpStatus < 400) return 'http_3xx';
  if (httpStatus >= 400 && httpStatus < 500) return NEVER_FINAL.get(httpStatus) ?? 'http_4xx';
  return httpStatus >= 500 && httpStatus < 600 ? 'http_5xx' : 'other';
}

function messageOf({ httpStatus, body }: GatewayAnswer): string {
  const members = membersOf(body);
  const said = members?.message ?? members?.detail ?? members?.code ?? members?.error;
  return typeof said === 'string' ? `HTTP ${httpStatus}: ${said}` : `HTTP ${httpStatus}`;
}
