import { RATE_STATES } from '../../src/conversions/rates/exchange-rate.ts';
import { RATE_SOURCES } from '../../src/conversions/rates/rate-provider.ts';
import { BULK_REDRIVE_STATES } from '../../src/dead-letters/bulk-redrive.ts';
import { LETTER_ACTIONS } from '../../src/dead-letters/dead-letter.ts';
import { DEAD_LETTER_REASONS } from '../../src/dead-letters/letters/dead-letter-reasons.ts';
import { FEE_KINDS, FEE_PAYERS } from '../../src/fees/fee.ts';
import { FEE_ACTIONS } from '../../src/fees/fee-change.ts';
import { ACCOUNT_KINDS } from '../../src/ledger/system-accounts.ts';
import { WALLET_ACTIONS, WALLET_STATES } from '../../src/ledger/wallet-state.ts';
import { EVENT_RESULTS, EVENT_STATUSES } from '../../src/payments/callbacks/gateway-event.ts';
import { PAYMENT_TYPES } from '../../src/payments/kinds/payment-kinds.ts';
import { ATTEMPT_OUTCOMES } from '../../src/payments/payment.ts';
import { RESOLUTION_OUTCOMES } from '../../src/payments/unknown/resolution-outcome.ts';
import { INQUIRY_WORDS } from '../../src/queue/task.ts';
import { DIFFERENCE_KINDS, DIFFERENCE_SOURCES } from '../../src/reconciliation/difference.ts';
import { REPORT_STARTERS, REPORT_STATUSES } from '../../src/reconciliation/report.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/** What the code calls what each column may hold. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'accounts.state': WALLET_STATES,
  'bulk_redrives.state': BULK_REDRIVE_STATES,
  'exchange_rates.source': RATE_SOURCES,
  'exchange_rates.state': RATE_STATES,
  'fee_changes.action': FEE_ACTIONS,
  'fee_schedule.kind': FEE_KINDS,
  'fee_schedule.payer': FEE_PAYERS,
  'gateway_events.result': EVENT_RESULTS,
  'gateway_events.status': EVENT_STATUSES,
  'payment_attempts.inquiry': INQUIRY_WORDS,
  'payment_attempts.outcome': ATTEMPT_OUTCOMES,
  'payment_dlq.action': LETTER_ACTIONS,
  'payment_dlq.reason': DEAD_LETTER_REASONS,
  'payment_inquiry_answers.answer': INQUIRY_WORDS,
  'payment_resolutions.outcome': RESOLUTION_OUTCOMES,
  'payments.type': PAYMENT_TYPES,
  'reconciliation_differences.kind': DIFFERENCE_KINDS,
  'reconciliation_differences.source': DIFFERENCE_SOURCES,
  'reconciliation_reports.started_by': REPORT_STARTERS,
  'reconciliation_reports.status': REPORT_STATUSES,
  'wallet_state_changes.action': WALLET_ACTIONS,
  'wallet_state_changes.state_after': WALLET_STATES,
  'wallet_state_changes.state_before': WALLET_STATES,
  'wallet_transfers.fee_payer': FEE_PAYERS,
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database.close());

/** The words of each column that may hold a few only, as the database has them. */
async function readWords(): Promise<Map<string, string[]>> {
  const { rows } = await database.pool.query<{ column: string; definition: string }>(`
    select conrelid::regclass || '.' || attname as column, pg_get_constraintdef(pg_constraint.oid) as definition
    from pg_constraint
    join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'c' and cardinality(conkey) = 1 and connamespace = 'public'::regnamespace
      and conrelid::regclass::text !~ '_p?[0-9]'`);
  const lists = rows.filter(({ definition }) => definition.includes('::text'));
  return new Map(
    lists.map(({ column, definition }) => [
      column,
      [...definition.matchAll(/'(\w+)'::text/g)].map(([, word]) => word as string),
    ]),
  );
}

test('a column allows exactly the words that the code has', async () => {
  const found = await readWords();
  const ofCode = Object.entries(WORDS).map(([column, words]) => [column, words.toSorted()]);
  expect(Object.keys(WORDS).map((column) => [column, found.get(column)?.toSorted()])).toEqual(ofCode);
});

test('every kind of account that the code opens fits its column', async () => {
  // A migration may come before the code that needs it.
  expect((await readWords()).get('accounts.kind')).toEqual(expect.arrayContaining([...ACCOUNT_KINDS]));
});
