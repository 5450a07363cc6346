import type { Knex } from '../../src/database/database.ts';
import {
  selectBalanceMismatches,
  selectHeldMismatches,
  selectOverdrawnAccounts,
  selectUnbalancedTransactions,
} from './check-integrity.sql.ts';

/** A rule of the ledger that does not hold, with the row that shows it. */
export interface IntegrityViolation {
  readonly rule:
    | 'transaction_sums_to_zero'
    | 'balance_equals_entries'
    | 'held_equals_holds'
    | 'wallet_above_floor';
  readonly subject: string;
  readonly detail: string;
}

/**
 * Checks the whole ledger in one snapshot: the entries of each transaction sum to zero in each currency, each
 * account's stored balance is the sum of its entries and what is held of it the sum of its holds, and no wallet is below its floor.
 * It reads every entry; run it where a scan is welcome.
 * @returns at most 100 violations for each rule; none when the ledger is sound.
 */
export async function checkIntegrity(knex: Knex): Promise<IntegrityViolation[]> {
  return await knex.transaction(
    async (transaction) => [
      ...(await selectUnbalancedTransactions(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'transaction_sums_to_zero',
          subject: `ledger transaction ${row.transaction_id}`,
          detail: `entries in ${row.currency} sum to ${row.total}`,
        }),
      ),
      ...(await selectBalanceMismatches(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'balance_equals_entries',
          subject: `account ${row.id}`,
          detail: `stored ${row.posted} posted, entries say ${row.entries_posted}`,
        }),
      ),
      ...(await selectHeldMismatches(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'held_equals_holds',
          subject: `account ${row.id}`,
          detail: `stored ${row.held} held, its holds say ${row.holds}`,
        }),
      ),
      ...(await selectOverdrawnAccounts(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'wallet_above_floor',
          subject: `account ${row.id}`,
          detail: `posted ${row.posted}, held ${row.held}, floor ${row.floor}`,
        }),
      ),
    ],
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}
