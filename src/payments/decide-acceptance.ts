import { strict as assert } from 'node:assert';
import type { StoredResponse } from '../idempotency/used-key.ts';
import type { Percent } from '../shared/percent.ts';
import type { AcceptanceDecision, AcceptanceOutcome, PaymentRequest, RenderResponse } from './acceptance.ts';
import { computeFeeMinor } from './fee.ts';

/** A key that was used before. */
export interface UsedKey {
  readonly fingerprint: Buffer;
  readonly resourceId: bigint;
  /** null when the stored response has expired. */
  readonly response: StoredResponse | null;
}

/** What the database knew about one request when its batch was read. */
export interface RequestFacts {
  readonly hasUser: boolean;
  /** The user's wallet in the request's currency. */
  readonly walletId: bigint | null;
  readonly usedKey: UsedKey | null;
  /** The id that the payment gets if it is written; null when the facts already say that it will not be. */
  readonly paymentId: bigint | null;
}

/** A payment to write, with the answer to keep for its key. */
export interface PaymentToWrite {
  readonly paymentId: bigint;
  readonly walletId: bigint;
  readonly feeMinor: bigint;
  readonly request: PaymentRequest;
  readonly status: 'new' | 'failed';
  readonly lastError: string | null;
  /** What is kept with the request's key; null when there is no client to answer. */
  readonly response: StoredResponse | null;
}

export interface BatchDecision {
  readonly outcomes: readonly AcceptanceOutcome[];
  readonly payments: readonly PaymentToWrite[];
}

/**
 * Decides a batch of requests in order: who gets a replay, who is refused, what is to be written.
 * Each withdrawal sees what those before it in the batch hold. A request never changes the outcome of a neighbour, except
 * that the first use of a key in a batch answers the later ones.
 */
export function decideAcceptance(
  requests: readonly PaymentRequest[],
  facts: readonly RequestFacts[],
  options: {
    readonly feePercent: Percent;
    readonly renderResponse: RenderResponse;
    /** What each wallet that a withdrawal of this batch touches has available, read under its lock. */
    readonly availableMinor: ReadonlyMap<bigint, bigint>;
  },
): BatchDecision {
  const payments: PaymentToWrite[] = [];
  const usedInBatch = new Map<string, UsedKey>();
  const heldInBatch = new Map<bigint, bigint>();

  const outcomes = requests.map((request, index): AcceptanceOutcome => {
    const { idempotency } = request;
    const { hasUser, walletId, usedKey, paymentId } = facts[index] as RequestFacts;
    if (!hasUser) return { kind: 'user_not_found' };

    const batchKey = `${request.userId} ${idempotency?.key}`;
    const used = usedKey ?? (idempotency && usedInBatch.get(batchKey));
    if (idempotency && used) return decideReplay(used, idempotency.fingerprint);

    if (walletId === null) return { kind: 'wallet_not_found' };
    assert(paymentId !== null, 'a request that can become a payment has an id');

    const feeMinor = computeFeeMinor(request.amountMinor, options.feePercent);
    const decision = decideFunds({
      request,
      paymentId,
      neededMinor: request.amountMinor + feeMinor,
      availableMinor: (options.availableMinor.get(walletId) ?? 0n) - (heldInBatch.get(walletId) ?? 0n),
    });
    if (request.type === 'withdraw' && decision.kind === 'accepted') {
      heldInBatch.set(walletId, (heldInBatch.get(walletId) ?? 0n) + request.amountMinor + feeMinor);
    }
    const response = options.renderResponse(decision);
    payments.push({
      paymentId,
      walletId,
      feeMinor,
      request,
      status: decision.kind === 'accepted' ? 'new' : 'failed',
      lastError: decision.kind === 'accepted' ? null : 'insufficient funds',
      response,
    });
    if (idempotency) {
      usedInBatch.set(batchKey, { fingerprint: idempotency.fingerprint, resourceId: paymentId, response });
    }
    return { kind: 'answered', response, paymentId, isReplay: false };
  });
  return { outcomes, payments };
}

/** What a key that was used before answers: the same request gets the stored response, another one a refusal. */
export function decideReplay(
  used: UsedKey,
  fingerprint: Buffer,
): Extract<AcceptanceOutcome, { kind: 'answered' | 'key_reused' | 'key_expired' }> {
  if (!used.fingerprint.equals(fingerprint)) return { kind: 'key_reused', resourceId: used.resourceId };
  if (!used.response) return { kind: 'key_expired', resourceId: used.resourceId };
  return { kind: 'answered', response: used.response, paymentId: used.resourceId, isReplay: true };
}

function decideFunds({
  request,
  paymentId,
  neededMinor,
  availableMinor,
}: {
  readonly request: PaymentRequest;
  readonly paymentId: bigint;
  readonly neededMinor: bigint;
  readonly availableMinor: bigint;
}): AcceptanceDecision {
  if (request.type === 'deposit' || neededMinor <= availableMinor)
    return { kind: 'accepted', paymentId, request };
  return { kind: 'insufficient_funds', paymentId, request, neededMinor, availableMinor };
}
