import { strict as assert } from 'node:assert';
import type { DeadLetterReason } from '../queue/dead-letters.sql.ts';
import type { Transaction } from '../shared/database.ts';
import { writeAcceptances } from './accept-batch.ts';
import { readInstructions } from './claim-payments.sql.ts';
import { decideReference } from './decide-redrive-reference.ts';
import { markSentBefore, readSends } from './redrive-payment.sql.ts';
import { drawPaymentId, lockWallets } from './write-acceptances.sql.ts';

export type RedrivenPayment =
  | { readonly kind: 'redriven'; readonly paymentId: bigint }
  | {
      readonly kind: 'insufficient_funds';
      readonly neededMinor: bigint;
      readonly availableMinor: bigint;
      readonly currency: string;
    };

/**
 * Makes a new payment from one that failed, with the same user, type, amounts and currency, which must hold its funds again.
 * It keeps the reference at the gateway wherever a call of it may have been carried out, so that a gateway which did carry it
 * out answers from memory; then its first run asks before it sends. `decideReference` says when it gets a new one.
 * The caller has locked the dead letter and the payments of the chain.
 */
export async function redrivePayment(
  transaction: Transaction,
  letter: {
    readonly paymentId: bigint;
    readonly reason: DeadLetterReason;
    /** Something recorded says that the money moved, and a person overrode it. */
    readonly isContradicted: boolean;
  },
): Promise<RedrivenPayment> {
  const { paymentId } = letter;
  const original = (await readInstructions(transaction, [paymentId])).get(paymentId);
  assert(original, `dead letter of payment ${paymentId}, which does not exist`);
  const { userId, walletId, type, amountMinor, commissionMinor, currency } = original;
  if (type === 'withdraw') {
    const availableMinor = (await lockWallets(transaction, [walletId])).get(walletId) ?? 0n;
    const neededMinor = amountMinor + commissionMinor;
    if (availableMinor < neededMinor)
      return { kind: 'insufficient_funds', neededMinor, availableMinor, currency };
  }
  const { keepsReference, asksFirst } = decideReference(letter, await readSends(transaction, paymentId));
  const newId = await drawPaymentId(transaction);
  const payment = {
    paymentId: newId,
    walletId,
    feeMinor: commissionMinor,
    request: { userId, type, amountMinor, currency, idempotency: null },
    status: 'new' as const,
    lastError: null,
    response: null,
    redriveOf: paymentId,
    ...(keepsReference ? { reference: original.reference } : {}),
  };
  await writeAcceptances(transaction, [payment]);
  if (asksFirst) await markSentBefore(transaction, newId);
  return { kind: 'redriven', paymentId: newId };
}
