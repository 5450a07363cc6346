import { type AnswerMapping, CONTRACT_MAPPING } from '../../process/settings/gateway-answer-mapping.ts';
import { describeFailure, type GatewayErrorClass } from '../port/gateway-failure.ts';
import type { InquiryOutcome, PayOutcome } from '../port/payment-gateway.ts';
import { type DoorWord, findDoorWords } from './find-door-words.ts';
import { type AnswerWord, type GatewayAnswer, readAnswer } from './read-answer.ts';
import { membersOf } from './read-field.ts';
import { parseRetryAfterMs } from './retry-after.ts';

/**
 * Statuses of the 4xx range that are about the request or the way to the gateway, never about the payment: a wrong key, a
 * wrong path, a proxy's rule, a moment too early. Whatever their body claims, the outcome stays open and is asked about.
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
  /** Our reference of the payment that was asked about: "not found" must not be about another. */
  readonly reference?: string;
  readonly nowMs: number;
  /** Where the gateway puts its words; the contract of docs/gateway.md by default. */
  readonly mapping?: AnswerMapping;
}

/**
 * What an answer to a send says about the money. It is a success only as 200 or 201 with a word for success in its place,
 * a refusal only in the gateway's own words and about this payment, and only 429 says that nothing was done. Everything else
 * leaves it open.
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
 * What an answer to a question says, as the gateway's own word: a bare 200 is no success, and a 404 counts only with the
 * gateway's code, because that of a proxy in between would turn a payment that happened into one that did not.
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
  // With another key the gateway may not know its own payments. That it names our idempotency key says nothing.
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

/** 202 promises nothing (RFC 9110, 15.3.3), 203 is another's word, 204 has none, 206 is a part. */
function isDoneStatus(httpStatus: number): boolean {
  return httpStatus === 200 || httpStatus === 201;
}

function isRefusal(httpStatus: number, word: AnswerWord): boolean {
  if (isDoneStatus(httpStatus)) return word.verdict === 'refused';
  if (httpStatus < 400 || httpStatus >= 500 || NEVER_FINAL.has(httpStatus)) return false;
  // 402 is about a payment, and nothing but a gateway answers it. Anybody says 400 with `rejected`.
  if (httpStatus !== 402 && !word.isAboutPayment) return false;
  return word.verdict === 'refused' || (word.code === 'refusal' && saysNothing(word));
}

/** Where the status says nothing, the code may. */
function saysNothing({ verdict }: AnswerWord): boolean {
  return verdict === 'silent' || verdict === 'unclear';
}

/** It says, in spite of its status, that it did something or is about to. */
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
      `HTTP ${httpStatus} that speaks of success, and cannot be taken for one`,
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
    return describeFailure('contradictory', `HTTP ${httpStatus} with a body that says otherwise`, httpStatus);
  if (verdict === 'unclear')
    return describeFailure(
      'contradictory',
      `HTTP ${httpStatus} with a status that has no meaning`,
      httpStatus,
    );
  return describeFailure('unreadable', `HTTP ${httpStatus} without a word for what became of it`, httpStatus);
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
