import { type Backoff, backoffMs, jitterUpTo } from '../../background/backoff.ts';
import type { ToldFacts } from '../../gateway/answers/named-facts.ts';
import { claimsSuccess, isTurnedAway, retryAfterOf } from '../../gateway/health/call-health.ts';
import type { InquiryOutcome, PayOutcome } from '../../gateway/port/payment-gateway.ts';
import type { AttemptReport, ClaimedTask, UnknownMark } from '../../queue/task.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { storableText } from '../../text/text.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import type { FailureReason } from '../conclude/conclusion.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { definiteWordOf, type GatewayWord } from '../evidence/gateway-word.ts';
import { countNotFound, limitElapsed } from '../unknown/count-not-found.ts';

/** The result of one attempt: the answer to an inquiry about an earlier call, if there was one, and the answer to the send. */
export interface AttemptResult {
  readonly inquiry: InquiryOutcome | null;
  /** null if the inquiry made a send unnecessary or unsafe. */
  readonly pay: PayOutcome | null;
  readonly latencyMs: number;
}

export interface AttemptPolicy {
  readonly maxAttempts: number;
  /** Pauses that double, plus up to `jitterMs`. */
  readonly backoff: Pick<Backoff, 'baseMs' | 'maxMs'> & { readonly jitterMs: number };
  /** How long after a call of unknown outcome "not found" may still mean "not visible yet". */
  readonly notFoundGraceMs: number;
}

/** What a decision needs to know about the payment: what the gateway was told, and the state of its task. */
export type AttemptedPayment = Omit<ToldFacts, 'direction'> &
  Pick<ClaimedPayment, 'paymentId' | 'type'> & {
    readonly task: OpenTask & Pick<ClaimedTask, 'attempts' | 'turnedAwayCount'>;
  };

export type AttemptDecision =
  | { readonly kind: 'succeeded'; readonly gatewayReference: string | null }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly error: string }
  /** The gateway's answer does not match the payment, so it decides nothing: the hold stays, a person must look, and we keep asking. */
  | {
      readonly kind: 'disputed';
      readonly word: GatewayWord;
      readonly differences: readonly Difference[];
      readonly error: string;
    }
  /** The attempts are used up and the money may have moved: the hold stays, and we keep asking. */
  | { readonly kind: 'unknown'; readonly error: string }
  | {
      readonly kind: 'retry';
      /** Whether this uses up one of the payment's attempts. */
      readonly usesAttempt: boolean;
      readonly delayMs: number;
      readonly unknown: UnknownMark;
      readonly notFoundCount: number;
      readonly hasCounted: boolean;
      readonly turnedAwayCount: number;
      readonly error: string;
    };

/**
 * Decides what an attempt means for its payment. Pure.
 *
 * The outcome stays unknown if the send was withheld because of evidence that the money already moved, or if an answer claims success but
 * cannot be trusted: nothing is sent again before an inquiry or a person has settled it. Only the gateway's own answer ends a payment:
 * success in either answer, or a refusal, of exactly this payment; an answer that does not match it decides nothing. A payment fails
 * because its attempts are used up, or because a send was refused, only if every call so far is known not to have executed; otherwise its
 * outcome stays unknown.
 *
 * An attempt is not used up if the gateway was down, if we gave up before the call, or if the call was turned away at the door (too many
 * calls, a wrong key, a proxy): neither an outage nor a wrong setting may make dead letters of the payments that were tried during it.
 * @param random a number in [0, 1) for the jitter.
 * @param steadyForMs for how long before the inquiry, if there was one, the database's clock had run steadily.
 */
export function decideAfterAttempt(
  payment: AttemptedPayment,
  { inquiry, pay }: AttemptResult,
  {
    policy,
    random,
    steadyForMs,
    gateway = 'up',
  }: {
    readonly policy: AttemptPolicy;
    readonly random: number;
    readonly steadyForMs: number;
    readonly gateway?: 'up' | 'down';
  },
): AttemptDecision {
  const { task } = payment;
  for (const { answer, source } of heard({ inquiry, pay })) {
    const word = definiteWordOf(answer);
    if (!word) continue;
    const dispute = disputeOf(payment, word, source);
    if (dispute) return dispute;
    if (answer.kind === 'succeeded') return { kind: 'succeeded', gatewayReference: answer.gatewayReference };
  }
  if (inquiry?.kind === 'refused') return { kind: 'failed', reason: 'refused', error: inquiry.message };

  // Sending again could move the money twice, and failing the payment would release money that may be needed for the first call.
  if (wasWithheld(pay) || claimsSuccess(pay) || claimsSuccess(inquiry))
    return { kind: 'unknown', error: describeFailure(inquiry, pay) };

  const { unknown, notFoundCount, hasCounted } = trackUnknown(
    task,
    { inquiry, pay },
    { ...policy, steadyForMs },
  );
  // A refused send says nothing about other calls: it may have been turned away at the door (expired credentials, a proxy) while an earlier
  // call for the same payment went through.
  if (pay?.kind === 'refused' && unknown === 'cleared') {
    return { kind: 'failed', reason: 'refused', error: pay.message };
  }
  const attempts = task.attempts + 1;
  const error = describeFailure(inquiry, pay);
  const wasTurnedAway = isTurnedAway(pay ?? inquiry);
  const usesAttempt = gateway === 'up' && !wasTurnedAway && !wasGivenUp({ inquiry, pay });
  if (!usesAttempt || attempts < policy.maxAttempts) {
    const turnedAwayBefore = wasTurnedAway ? task.turnedAwayCount : 0;
    const { jitterMs, ...growth } = policy.backoff;
    const pauses = { ...growth, jitter: jitterUpTo(jitterMs) };
    const pauseMs = backoffMs(attempts + turnedAwayBefore, pauses, random);
    return {
      kind: 'retry',
      usesAttempt,
      delayMs: Math.max(pauseMs, askedPauseMs({ inquiry, pay }, jitterMs * random)),
      unknown,
      notFoundCount,
      hasCounted,
      turnedAwayCount: wasTurnedAway ? turnedAwayBefore + 1 : 0,
      error,
    };
  }
  if (unknown !== 'cleared') return { kind: 'unknown', error };
  return { kind: 'failed', reason: 'attempts_exhausted', error };
}

function* heard({ inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>) {
  if (inquiry) yield { answer: inquiry, source: 'inquiry' as const };
  if (pay) yield { answer: pay, source: 'attempt' as const };
}

function disputeOf(
  payment: AttemptedPayment,
  word: GatewayWord,
  source: 'inquiry' | 'attempt',
): AttemptDecision | undefined {
  // The task's fence guarantees that the payment is open; its other records are compared when the run is written.
  const open = { status: 'new', gatewayReference: null, hasSucceededAttempt: false } as const;
  const differences = findDifferences({ ...payment, ...open }, word, source);
  if (differences.length === 0) return undefined;
  const named = differences.map(({ theirs }) => JSON.stringify(theirs)).slice(0, 1);
  return {
    kind: 'disputed',
    word,
    differences,
    error: storableText(`the gateway's answer does not match the payment: ${named}`, 300),
  };
}

/** There is evidence that the money moved in an older call; see `withholdSend`. */
function wasWithheld(pay: PayOutcome | null): boolean {
  return pay?.kind === 'not_executed' && pay.errorClass === 'withheld';
}

/** We did not send, for our own reasons: the gateway had no part in it. */
function wasGivenUp({ inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>): boolean {
  if (pay) return pay.kind === 'not_executed' && pay.errorClass === 'aborted';
  return inquiry?.kind === 'unknown' && inquiry.errorClass === 'aborted';
}

/** As long as the gateway asked for plus jitter, so that the payments that it turned away do not all come back at once. */
function askedPauseMs({ inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>, jitterMs: number): number {
  const askedMs = Math.max(...[inquiry, pay].map((answer) => (answer && retryAfterOf(answer)) ?? 0));
  return askedMs === 0 ? 0 : askedMs + Math.round(jitterMs);
}

/** What is known about calls that may have executed. */
type OpenTask = Pick<ClaimedTask, 'unknownForMs' | 'notFoundCount'> &
  Partial<Pick<ClaimedTask, 'notFoundForMs'>>;

/** Tracks whether some call may have executed without our knowing. */
function trackUnknown(
  task: OpenTask,
  { inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>,
  { notFoundGraceMs, steadyForMs }: AttemptPolicy & { readonly steadyForMs: number },
): { unknown: UnknownMark; notFoundCount: number; hasCounted: boolean } {
  const none = { notFoundCount: 0, hasCounted: false };
  // A send with an unknown outcome restarts the wait, whatever was found out about earlier sends.
  if (pay?.kind === 'unknown') return { unknown: 'started_now', ...none };
  if (task.unknownForMs === null) return { unknown: 'cleared', ...none };
  if (inquiry?.kind !== 'not_found')
    return { unknown: 'kept', notFoundCount: task.notFoundCount, hasCounted: false };
  const { unknownForMs, notFoundForMs = null, notFoundCount: countBefore } = task;
  const asked = { quietForMs: unknownForMs, notFoundForMs, notFoundCount: countBefore };
  const counted = countNotFound(limitElapsed(asked, steadyForMs), notFoundGraceMs);
  const { isBelieved, notFoundCount, hasCounted } = counted;
  return isBelieved ? { unknown: 'cleared', ...none } : { unknown: 'kept', notFoundCount, hasCounted };
}

function describeFailure(inquiry: InquiryOutcome | null, pay: PayOutcome | null): string {
  if (pay && pay.kind !== 'succeeded') return pay.message;
  if (inquiry && 'message' in inquiry) return inquiry.message;
  return 'the gateway gave no answer';
}

/**
 * What the attempt's row records. A disputed success stays a success, because it is evidence that the money moved. A disputed refusal is
 * evidence of nothing.
 */
export function reportOf(
  { inquiry, pay, latencyMs }: AttemptResult,
  decision?: AttemptDecision,
): AttemptReport {
  const answer = pay ?? inquiry;
  const failure = answer && 'errorClass' in answer ? answer : null;
  const dispute = decision?.kind === 'disputed' ? decision : null;
  const outcome = answer && answer.kind !== 'not_found' ? answer.kind : 'unknown';
  return {
    outcome: dispute && outcome === 'refused' ? 'unknown' : outcome,
    inquiry: inquiry?.kind ?? null,
    httpStatus: answer && 'httpStatus' in answer ? answer.httpStatus : null,
    errorClass: dispute ? 'disputed' : (failure?.errorClass ?? null),
    error: dispute?.error ?? failure?.message ?? null,
    latencyMs: Math.round(latencyMs),
    ...(answer?.kind === 'succeeded' ? { gatewayReference: answer.gatewayReference } : {}),
  };
}
