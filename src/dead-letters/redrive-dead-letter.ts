import { strict as assert } from 'node:assert';
import type { CommandKind } from '../commands/command-kind.ts';
import { createExecutor, type Executor } from '../commands/create-executor.ts';
import type { Pool, Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { lockLinkedAndReadRefunded } from '../payments/accept/read-refunded.sql.ts';
import { writePayments } from '../payments/accept/write-payments.ts';
import { readInstructions } from '../payments/attempt/claim-payments.sql.ts';
import { lockAndReadEvidenceOfMany } from '../payments/evidence/read-evidence.ts';
import { eventOfRedriven } from '../payments/payment-events.ts';
import { lockInquiries, removeInquiry, reopenPayment } from '../payments/unknown/inquiries.sql.ts';
import { requeueTask } from '../queue/requeue-task.sql.ts';
import { decideRedrive, type RedriveFacts, type RedriveRow } from './decide-redrive.ts';
import { closeDeadLetter, lockDeadLetters, readPaymentOfLetter } from './letters/dead-letters.sql.ts';
import type { RedriveCommand, RedriveOutcome, RedriveRequest } from './redrive.ts';
import { drawRedriveIds, isLetterRedriven, markSentBefore, readSends } from './redrive-dead-letter.sql.ts';

/** Far more than people and bulk redrives need at once. */
const LIMITS = { maxBatchSize: 50, maxWaiting: 1000 };

/**
 * Redrives a dead letter. A failed payment stays failed, because nothing leaves a terminal status: a new payment of the same amounts
 * replaces it, and must hold its funds again. A payment of unknown outcome goes back to the queue itself, and its next run asks the gateway
 * before it sends. Evidence stands (I15): if there is evidence that the money of the payment, or of one in its chain, moved, nothing is
 * done unless a person overrides it.
 * @throws CommandUnavailable or a database error, and then nothing was done; CommitOutcomeUnknown if that is not known.
 */
export async function redriveDeadLetter(pool: Pool, request: RedriveRequest): Promise<RedriveOutcome> {
  const named = await readPaymentOfLetter(pool, request.id);
  if (!named) return { kind: 'not_found' };
  const payment = (await readInstructions(pool, [named])).get(named.paymentId);
  assert(payment, `dead letter of payment ${named.paymentId}, which does not exist`);
  const outcome = await redriverOf(pool).execute({ ...request, payment });
  assert(outcome.kind === 'decided', 'a redrive has no key of its own');
  return outcome.result;
}

const redrivers = new WeakMap<Pool, Executor<RedriveCommand, RedriveOutcome>>();

function redriverOf(pool: Pool): Executor<RedriveCommand, RedriveOutcome> {
  const redriver = redrivers.get(pool) ?? createExecutor(redriving, { pool, ...LIMITS });
  redrivers.set(pool, redriver);
  return redriver;
}

const redriving: CommandKind<RedriveCommand, RedriveFacts, RedriveRow, RedriveOutcome> = {
  failpoints: { beforeCommit: 'redrive.before_commit', afterCommit: 'redrive.after_commit' },
  keyOf: () => null,
  // The wallet of the payment is locked for a deposit, too, which takes nothing from it: its state decides.
  fundsOf: ({ payment: { walletId } }) => ({ walletId }),
  prepare: async () => undefined,
  async read(transaction, requests) {
    const letterIds = requests.map(({ id }) => id);
    const paymentIds = requests.map(({ payment }) => payment.paymentId);
    const depositIds = requests.flatMap(({ payment }) => payment.refundOf ?? []);
    const [, letters, deposits, evidence, sends, drawn] = await sentTogether([
      // Lock the inquiry before the letter, as the inquiry sweep does: both may run when an outcome becomes known.
      lockInquiries(transaction, paymentIds),
      lockDeadLetters(transaction, letterIds),
      lockLinkedAndReadRefunded(transaction, { paymentIds, depositIds }),
      lockAndReadEvidenceOfMany(transaction, paymentIds, 'chain'),
      readSends(transaction, paymentIds),
      drawRedriveIds(transaction, letterIds),
    ]);
    return requests.map(({ id, payment }) => {
      const letter = letters.get(id);
      assert(letter, 'dead letters are never deleted');
      return {
        usedKey: null,
        walletId: payment.walletId,
        facts: {
          letter,
          evidence: evidence.get(payment.paymentId) ?? [],
          sends: sends.get(payment.paymentId) ?? { sentCount: 0, openCount: 0, isPastForgotten: false },
          newPaymentId: drawn.get(id) ?? null,
          deposit: payment.refundOf === null ? null : (deposits.get(payment.refundOf) ?? null),
        },
      };
    });
  },
  decide: (request, { facts }, neighbours) => decideRedrive(request, facts, neighbours),
  write: async (transaction, rows) => {
    await sentTogether([
      ...rows.flatMap((row) => writeRedrive(transaction, row)),
      writePayments(
        transaction,
        rows.flatMap(({ copy }) => copy ?? []),
      ),
      markSentBefore(
        transaction,
        rows.flatMap(({ copy, asksFirst }) => (copy && asksFirst ? copy : [])),
      ),
      writeEvents(
        transaction,
        rows.flatMap(({ payment, copy }) => (copy ? [] : eventOfRedriven(payment))),
      ),
    ]);
  },
  isWritten: isLetterRedriven,
};

function writeRedrive(transaction: Transaction, { letter, copy, closing }: RedriveRow): Promise<void>[] {
  const closed = closeDeadLetter(transaction, { ...closing, action: 'redriven' });
  if (copy) return [closed];
  return [
    removeInquiry(transaction, letter),
    reopenPayment(transaction, letter),
    requeueTask(transaction, letter),
    closed,
  ];
}
