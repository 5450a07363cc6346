import type { Transaction } from '../database/database.ts';
import { countEntries, type TransactionRange } from './count-entries.sql.ts';

/** The whole server assigns ids, so there may be millions of them without an entry of ours. */
const WIDEST_STEP = 2n ** 40n;

/**
 * Finds a range that begins at `from` and has at most `rowLimit` entries, or is one transaction.
 * @returns the range, and the step to try next time.
 */
export async function fitRange(
  transaction: Transaction,
  {
    from,
    end,
    step,
    rowLimit,
  }: { readonly from: bigint; readonly end: bigint; readonly step: bigint; readonly rowLimit: number },
): Promise<{ range: TransactionRange; nextStep: bigint }> {
  for (let width = step; ; width = width > 1n ? width / 2n : 1n) {
    const isAtEnd = from + width >= end;
    const range = { from, below: isAtEnd ? end : from + width };
    const count = await countEntries(transaction, range, rowLimit + 1);
    if (count > rowLimit && range.below - from > 1n) continue;
    const canGrow = !isAtEnd && count < rowLimit / 4 && width < WIDEST_STEP;
    return { range, nextStep: canGrow ? width * 2n : width };
  }
}
