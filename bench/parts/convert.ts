import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { findSystemAccountsOf } from '../../src/ledger/system-accounts.ts';
import { countConversions } from '../data/count-commands.sql.ts';
import { fillQuotes, fillWallets } from '../data/fill-quotes.sql.ts';
import { USER_COUNT } from '../data/template.ts';
import { withPool } from '../data/with-pool.ts';
import { compareCommands } from './compare-commands.ts';
import type { PartContext, PartResult } from './part.ts';

const BALANCE_MINOR = 100_000_000_000n;
/** More than any contender uses up. */
const QUOTES_A_SECOND = 12_000;

/** Quotes that were offered before are taken: one request for each conversion, between two wallets of one user. */
export function runConvert(context: PartContext): Promise<PartResult> {
  const seconds = 2 + (context.options.seconds ?? 2);
  const offered = new Map<string, number>();
  return compareCommands(context, {
    command: 'convert',
    countDone: countConversions,
    prepare: (databaseUrl) =>
      withPool(databaseUrl, async (pool) => {
        await findSystemAccountsOf(pool, ['USD', 'EUR']);
        await inTransaction(pool, (transaction) =>
          fillWallets(transaction, { currency: 'EUR', balanceMinor: BALANCE_MINOR }),
        );
      }),
    async provide(databaseUrl) {
      const first = offered.get(databaseUrl) ?? 1;
      const end = first + seconds * QUOTES_A_SECOND;
      offered.set(databaseUrl, end);
      await fillQuotes(databaseUrl, { first, count: end - first, userCount: USER_COUNT });
      return { quotes: { first, end } };
    },
  });
}
