import type { Transaction } from '../../database/database.ts';
import { countOf } from '../../text/plural.ts';
import { mergeBySubject, type Violation } from '../violation.ts';
import { selectHeadless, selectUnbalancedSums } from './entry-range.sql.ts';

/** I1 for whole ledger transactions: their entries sum to zero in each currency, and they have a header. */
export async function checkTransactions(
  transaction: Transaction,
  {
    unbalancedIds,
    headlessIds,
  }: { readonly unbalancedIds: readonly bigint[]; readonly headlessIds: readonly bigint[] },
): Promise<Violation[]> {
  const violations: Violation[] = [];
  if (unbalancedIds.length > 0) {
    for (const sum of await selectUnbalancedSums(transaction, unbalancedIds)) {
      const where = sum.currency === null ? 'an account that does not exist' : sum.currency;
      violations.push({
        rule: 'transaction_sums_to_zero',
        subject: `transaction:${sum.transactionId}`,
        fingerprint: `${sum.currency} ${sum.total}`,
        detail: `entries in ${where} sum to ${sum.total}`,
      });
    }
  }
  if (headlessIds.length > 0) {
    for (const { transactionId, entryCount } of await selectHeadless(transaction, headlessIds)) {
      violations.push({
        rule: 'entries_belong_to_a_step',
        subject: `transaction:${transactionId}`,
        fingerprint: 'no header',
        detail: `it has ${countOf(entryCount, 'entry', 'entries')} and no row in ledger_transactions`,
      });
    }
  }
  return mergeBySubject(violations);
}
