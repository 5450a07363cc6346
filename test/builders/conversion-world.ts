import { storeRates } from '../../src/conversions/rates/fetch-rates.ts';
import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { postToLedger } from '../../src/ledger/post-to-ledger.ts';
import { findSystemAccounts } from '../../src/ledger/system-accounts.ts';
import { currencyScale } from '../../src/money/currency.ts';
import { parseFraction } from '../../src/money/fraction.ts';
import type { TestDatabase } from '../support/test-database.ts';

/** Opens a further wallet of a user, with money from equity. */
export async function openWallet(
  { pool }: TestDatabase,
  { userId, currency, amountMinor }: { userId: bigint; currency: string; amountMinor: bigint },
): Promise<bigint> {
  const { equity } = await findSystemAccounts(pool, currency);
  const { rows } = await pool.query(
    `insert into accounts (user_id, kind, currency, scale, floor) values ($1, 'wallet', $2, $3, 0) returning id`,
    [userId, currency, currencyScale(currency)],
  );
  const walletId: bigint = rows[0].id;
  if (amountMinor > 0n)
    await inTransaction(pool, (transaction) =>
      postToLedger(transaction, [
        {
          reference: `test-wallet:${walletId}`,
          step: 'open',
          userId,
          legs: [
            { accountId: equity, balance: 'folded', amountMinor: -amountMinor, currency },
            { accountId: walletId, balance: 'kept', amountMinor, currency },
          ],
        },
      ]),
    );
  return walletId;
}

/** The source `http` gives these rates for the dollar. */
export async function giveRates(
  { pool }: TestDatabase,
  rates: Readonly<Record<string, string>>,
  { asOf = new Date() }: { asOf?: Date } = {},
): Promise<void> {
  const given = Object.entries(rates).map(([quote, text]) => {
    const value = parseFraction(text);
    if (!value) throw new Error(`no rate: ${text}`);
    return { quote, value };
  });
  await storeRates(
    pool,
    { base: 'USD', asOf, rates: given, refused: [] },
    { source: 'http', maxJump: { numerator: 1n, denominator: 10n } },
  );
}

export const RATES_FROM_TESTS = {
  RATES_SOURCE: 'http',
  RATES_URL: 'http://127.0.0.1:1/',
  RATES_CALENDAR: 'every_day',
};
