import type { Knex } from '../../src/database/database.ts';
import {
  selectBalanceMismatches,
  selectHeldMismatches,
  selectMisquotedConversions,
  selectOverdrawnAccounts,
  selectStrayCaptures,
  selectUnbalancedTransactions,
  selectUnpostedTransfers,
} from './check-integrity.sql.ts';

/** A rule of the ledger that does not hold, with the row that shows it. */
export interface IntegrityViolation {
  readonly rule:
    | 'transaction_sums_to_zero'
    | 'balance_equals_entries'
    | 'held_equals_holds'
    | 'wallet_above_floor'
    | 'conversion_is_as_quoted'
    | 'transfer_is_posted'
    | 'capture_reaches_its_target';
  readonly subject: string;
  readonly detail: string;
}

/**
 * Checks the whole ledger in one snapshot: the entries of each transaction sum to zero in each currency, each
 * account's stored balance is the sum of its entries and what is held of it the sum of its holds, no wallet is below its floor, and conversions,
 * transfers and captures are posted as they were made.
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
      ...(await selectMisquotedConversions(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'conversion_is_as_quoted',
          subject: `conversion ${row.id}`,
          detail: `quoted ${row.expected}, posted ${row.posted}`,
        }),
      ),
      ...(await selectUnpostedTransfers(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'transfer_is_posted',
          subject: `transfer ${row.id}`,
          detail: `made ${row.expected}, posted ${row.posted}`,
        }),
      ),
      ...(await selectStrayCaptures(transaction)).map(
        (row): IntegrityViolation => ({
          rule: 'capture_reaches_its_target',
          subject: `ledger transaction ${row.id}`,
          detail: `posted to ${row.legs}`,
        }),
      ),
    ],
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}
