import type { Transaction } from '../../database/database.ts';
import type { TransactionRange } from '../../ledger/count-entries.sql.ts';
import { mergeBySubject, type Violation } from '../violation.ts';
import { readConversionFacts } from './conversion-facts.sql.ts';
import { decideConversion } from './decide-conversion.ts';
import { decideOrderHold } from './decide-order-hold.ts';
import { decidePosting } from './decide-posting.ts';
import { decideTransfer } from './decide-transfer.ts';
import { type HoldName, selectNamedOrderHolds } from './order-hold-facts.sql.ts';
import { type PostedTransaction, readPostedTransactions } from './posted-legs.sql.ts';
import { readTransferFacts } from './transfer-facts.sql.ts';

/**
 * Checks the postings of conversions, transfers and captures, and what they are postings of.
 * @param range where their entries are, if it is known.
 */
export async function checkPostings(
  transaction: Transaction,
  transactionIds: readonly bigint[],
  range?: TransactionRange,
): Promise<Violation[]> {
  const postings = await readPostedTransactions(transaction, transactionIds, range);
  const conversions = await readConversionFacts(transaction, idsOf(postings, 'conversion'));
  const transfers = await readTransferFacts(transaction, idsOf(postings, 'transfer'));
  const captures = postings.flatMap((posting) => holdOf(posting) ?? []);
  const names = [...new Map(captures.map((capture) => [capture.holdId, capture])).values()];
  const holds = await selectNamedOrderHolds(transaction, names);
  const found = new Set(holds.map(({ userId, holdId }) => `${userId} ${holdId}`));
  return mergeBySubject([
    ...postings.flatMap(decidePosting),
    ...captures.filter(({ userId, holdId }) => !found.has(`${userId} ${holdId}`)).map(withoutHold),
    ...conversions.flatMap(decideConversion),
    ...transfers.flatMap(decideTransfer),
    ...holds.flatMap(decideOrderHold),
  ]);
}

/** Each of them once, however many postings it has. */
function idsOf(postings: readonly PostedTransaction[], kind: 'conversion' | 'transfer'): bigint[] {
  const references = new Set(postings.map(({ reference }) => reference));
  return [...references].flatMap((reference) => idOf(reference, kind) ?? []);
}

interface Capture extends HoldName {
  readonly transactionId: bigint;
}

function holdOf({ transactionId, reference, userId }: PostedTransaction): Capture | undefined {
  const holdId = idOf(reference, 'hold');
  return holdId === undefined ? undefined : { transactionId, holdId, userId: userId ?? 0n };
}

function idOf(reference: string, kind: string): bigint | undefined {
  const [, found, id] = /^([a-z]+):([0-9]{1,18})$/.exec(reference) ?? [];
  return found === kind && id !== undefined ? BigInt(id) : undefined;
}

function withoutHold({ transactionId, userId, holdId }: Capture): Violation {
  const detail = `it captures hold ${holdId} of user ${userId}, which does not exist`;
  const subject = `transaction:${transactionId}`;
  return { rule: 'capture_reaches_its_target', subject, fingerprint: detail, detail };
}
