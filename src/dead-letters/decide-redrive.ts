import { strict as assert } from 'node:assert';
import type { CommandDecision, Neighbours } from '../commands/command-kind.ts';
import { decideFunds } from '../commands/decide-funds.ts';
import { decideCredit } from '../ledger/decide-wallet-state.ts';
import { decideRefund, type RefundedDeposit, takeRefund } from '../payments/accept/decide-refund.ts';
import type { NewPayment } from '../payments/accept/write-payments.sql.ts';
import { type Evidence, stateEvidence } from '../payments/evidence/evidence.ts';
import { kindOf } from '../payments/kinds/payment-kinds.ts';
import type { ToldPayment } from '../payments/payment-events.ts';
import { createPaymentReference } from '../payments/payment-reference.ts';
import { decideReference, type Sends } from './decide-redrive-reference.ts';
import type { closeDeadLetter, LockedDeadLetter } from './letters/dead-letters.sql.ts';
import type { RedriveCommand, RedriveOutcome } from './redrive.ts';

/** What was read about a letter and about its payment's linked payments, all under their locks. */
export interface RedriveFacts {
  readonly letter: LockedDeadLetter;
  readonly evidence: readonly Evidence[];
  readonly sends: Sends;
  /** The id of the new payment if the old one failed; null if the old one goes back to the queue, or nothing is done. */
  readonly newPaymentId: bigint | null;
  /** The deposit that a refund gives back, locked; null for other kinds. */
  readonly deposit: RefundedDeposit | null;
}

/** A letter that is redriven. */
export interface RedriveRow {
  readonly letter: LockedDeadLetter;
  /** The payment of the letter. */
  readonly payment: ToldPayment;
  readonly closing: Omit<Parameters<typeof closeDeadLetter>[1], 'action'>;
  /** The new payment that replaces a failed one; null for a payment of unknown outcome, which goes back to the queue. */
  readonly copy: NewPayment | null;
  /** Whether a call under its reference may have been carried out. */
  readonly asksFirst: boolean;
}

/**
 * Decides what a redrive of a dead letter does. Pure, except that it may draw a new gateway reference. The new payment keeps the old one's
 * reference if a call under it may have been carried out, so that a gateway that did so only repeats its answer; the first run then asks
 * the gateway before it sends. `decideReference` decides when it gets a new reference.
 */
export function decideRedrive(
  { id, by, reason, mayOverrideEvidence, payment }: RedriveCommand,
  { letter, evidence, sends, newPaymentId, deposit }: RedriveFacts,
  { funds, tally }: Neighbours,
): CommandDecision<RedriveRow, RedriveOutcome> {
  const name = `letter ${id}`;
  const action = letter.action ?? (tally.taken(name) > 0n ? 'redriven' : null);
  if (action) return { result: { kind: 'already_handled', action } };
  if (evidence.length > 0 && !mayOverrideEvidence) return { result: { kind: 'evidence', evidence } };

  const isContradicted = evidence.length > 0;
  const redrive = (
    paymentId: bigint,
    copy: NewPayment | null,
    asksFirst: boolean,
  ): CommandDecision<RedriveRow, RedriveOutcome> => {
    tally.take(name, 1n);
    const overriddenEvidence = isContradicted ? stateEvidence(evidence) : null;
    const closing = { id, by, reason, redrivenPaymentId: paymentId, overriddenEvidence };
    return {
      result: { kind: 'redriven', paymentId, overridden: evidence },
      row: { letter, payment, closing, copy, asksFirst },
    };
  };
  if (isOutcomeUnknown(letter)) return redrive(letter.paymentId, null, true);

  assert(newPaymentId !== null, 'an open letter of a failed payment has an id for the next one');
  const { userId, walletId, type, currency, walletPaysFee, refundOf, refundReason } = payment;
  assert(refundOf === null || deposit, 'what was refunded once is a settled deposit for ever');
  const fitted =
    deposit &&
    decideRefund(
      { amountMinor: kindOf(type).askedMinor(payment), fee: { feeMinor: payment.feeMinor } },
      deposit,
      tally,
    );
  if (fitted?.kind === 'refund_exceeds_deposit')
    return { result: { ...fitted, depositId: refundOf ?? payment.paymentId, currency } };
  // The fee that was accepted stays, whatever the schedule says now.
  const { amountMinor, feeMinor } = fitted ?? payment;
  const neededMinor = kindOf(type).neededMinor({ amountMinor, feeMinor });
  // Whether a frozen wallet takes money in is about what clients bring; an operator who redrives a deposit means it.
  const refusal =
    neededMinor === 0n
      ? decideCredit({ walletId, state: funds.stateOf(walletId) }, { frozenCredits: 'accept' })
      : undefined;
  const taken = refusal ?? decideFunds(funds, { walletId, neededMinor });
  if (taken.kind === 'insufficient_funds') return { result: { ...taken, currency } };
  if (taken.kind !== 'taken') return { result: taken };
  const { keepsReference, asksFirst } = decideReference({ ...letter, isContradicted }, sends);
  const copy: NewPayment = {
    paymentId: newPaymentId,
    userId,
    walletId,
    type,
    amountMinor,
    feeMinor,
    walletPaysFee,
    currency,
    status: 'new',
    reference: keepsReference ? payment.reference : createPaymentReference(newPaymentId),
    lastError: null,
    redriveOf: payment.paymentId,
    refundOf,
    refundReason,
    // Only who was asked before can say what became of it, whatever the settings say now.
    gatewayName: payment.gatewayName,
  };
  if (deposit) takeRefund(tally, { depositId: deposit.paymentId, amountMinor, feeMinor });
  return redrive(newPaymentId, copy, asksFirst);
}

/** The money may have moved, so the payment did not fail and must not be replaced. */
export function isOutcomeUnknown({ reason }: Pick<LockedDeadLetter, 'reason'>): boolean {
  return reason === 'outcome_unknown' || reason === 'poison';
}
