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

/** What one attempt heard: the answer to a question about an earlier call, if there was one, and the answer to the send. */
export interface AttemptResult {
  readonly inquiry: InquiryOutcome | null;
  /** null when the inquiry made a send needless or unsafe. */
  readonly pay: PayOutcome | null;
  readonly latencyMs: number;
}

export interface AttemptPolicy {
  readonly maxAttempts: number;
  /** Pauses that double, and up to `jitterMs` more. */
  readonly backoff: Pick<Backoff, 'baseMs' | 'maxMs'> & { readonly jitterMs: number };
  /** How long "not found" may still mean "not visible yet" after a call whose outcome we did not learn. */
  readonly notFoundGraceMs: number;
}

/** What a decision needs to know of the payment: what the gateway was told, and how its task stands. */
export type AttemptedPayment = Omit<ToldFacts, 'direction'> &
  Pick<ClaimedPayment, 'paymentId' | 'type'> & {
    readonly task: OpenTask & Pick<ClaimedTask, 'attempts' | 'turnedAwayCount'>;
  };

export type AttemptDecision =
  | { readonly kind: 'succeeded'; readonly gatewayReference: string | null }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly error: string }
  /**
   * The gateway's word names something else than the payment, so nothing is decided on it: the hold stays, a person looks,
   * and we ask on.
   */
  | {
      readonly kind: 'disputed';
      readonly word: GatewayWord;
      readonly differences: readonly Difference[];
      readonly error: string;
    }
  /** Attempts are used up and the money may have moved: the hold stays, and we go on asking. */
  | { readonly kind: 'unknown'; readonly error: string }
  | {
      readonly kind: 'retry';
      /** Whether the attempt counts as one of those that the payment has. */
      readonly isBurnt: boolean;
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
 * A send that was withheld, because something recorded says that the money moved before, leaves the outcome unknown, and so does
 * an answer that speaks of success but cannot be taken for one: nothing is sent again before a question, or a person, has told.
 * Only the gateway's own word ends a payment: success from either answer, or a refusal, of the very payment that it was told
 * of; a word that names anything else decides nothing. A payment fails for want of
 * attempts, or by a refused send, only when every call so far is known not to have executed; otherwise its outcome stays unknown.
 *
 * An attempt that came to nothing while the gateway is down, that was given up before its call, or that was turned away at the
 * door (too many calls, a wrong key, a proxy) burns nothing: neither an outage nor a wrong setting may send to the dead letters
 * whatever was tried during it.
 * @param random a number in [0, 1) for the jitter.
 * @param steadyForMs for how long before the question, if there was one, the database's clock had gone steadily.
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

  // Sending it could move the money twice, and failing it would release what may have to pay for the first time.
  if (wasWithheld(pay) || claimsSuccess(pay) || claimsSuccess(inquiry))
    return { kind: 'unknown', error: describeFailure(inquiry, pay) };

  const { unknown, notFoundCount, hasCounted } = trackUnknown(
    task,
    { inquiry, pay },
    { ...policy, steadyForMs },
  );
  // A refused send speaks of itself only: it may have been turned away at the door (expired credentials, a proxy) while
  // an earlier call of the same payment went through.
  if (pay?.kind === 'refused' && unknown === 'cleared') {
    return { kind: 'failed', reason: 'refused', error: pay.message };
  }
  const attempts = task.attempts + 1;
  const error = describeFailure(inquiry, pay);
  const wasTurnedAway = isTurnedAway(pay ?? inquiry);
  const isBurnt = gateway === 'up' && !wasTurnedAway && !wasGivenUp({ inquiry, pay });
  if (!isBurnt || attempts < policy.maxAttempts) {
    const turnedAwayBefore = wasTurnedAway ? task.turnedAwayCount : 0;
    const { jitterMs, ...growth } = policy.backoff;
    const pauses = { ...growth, jitter: jitterUpTo(jitterMs) };
    const pauseMs = backoffMs(attempts + turnedAwayBefore, pauses, random);
    return {
      kind: 'retry',
      isBurnt,
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
  // Behind the fence of its task the payment is open; what is recorded of it otherwise is compared when the run is written.
  const open = { status: 'new', gatewayReference: null, hasSucceededAttempt: false } as const;
  const differences = findDifferences({ ...payment, ...open }, word, source);
  if (differences.length === 0) return undefined;
  const named = differences.map(({ theirs }) => JSON.stringify(theirs)).slice(0, 1);
  return {
    kind: 'disputed',
    word,
    differences,
    error: storableText(`the gateway speaks of something else: ${named}`, 300),
  };
}

/** Something recorded says that the money moved under an older call; see `withholdSend`. */
function wasWithheld(pay: PayOutcome | null): boolean {
  return pay?.kind === 'not_executed' && pay.errorClass === 'withheld';
}

/** The send was not made, for a reason of ours: the gateway had no part in it. */
function wasGivenUp({ inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>): boolean {
  if (pay) return pay.kind === 'not_executed' && pay.errorClass === 'aborted';
  return inquiry?.kind === 'unknown' && inquiry.errorClass === 'aborted';
}

/** As long as the gateway asked for, and a little more, so that all that it turned away do not come back at once. */
function askedPauseMs({ inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>, jitterMs: number): number {
  const askedMs = Math.max(...[inquiry, pay].map((answer) => (answer && retryAfterOf(answer)) ?? 0));
  return askedMs === 0 ? 0 : askedMs + Math.round(jitterMs);
}

/** What is known of calls that may have executed. */
type OpenTask = Pick<ClaimedTask, 'unknownForMs' | 'notFoundCount'> &
  Partial<Pick<ClaimedTask, 'notFoundForMs'>>;

/** Follows whether some call may have executed without our knowing. */
function trackUnknown(
  task: OpenTask,
  { inquiry, pay }: Pick<AttemptResult, 'inquiry' | 'pay'>,
  { notFoundGraceMs, steadyForMs }: AttemptPolicy & { readonly steadyForMs: number },
): { unknown: UnknownMark; notFoundCount: number; hasCounted: boolean } {
  const none = { notFoundCount: 0, hasCounted: false };
  // A send whose outcome is unknown starts the clock anew, whatever was found out about those before it.
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
 * What the attempt's row says. A disputed success stays one: it is evidence that money moved. A disputed refusal is evidence of
 * nothing.
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
