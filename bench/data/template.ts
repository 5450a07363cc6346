import { migrateToLatest } from '../../src/database/migrate.ts';
import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { findSystemAccounts } from '../../src/ledger/system-accounts.ts';
import type { BenchServer } from '../harness/bench-server.ts';
import { tidyUp } from './databases.sql.ts';
import { fillUsers } from './fill-users.sql.ts';
import { withPool } from './with-pool.ts';

/** Users of every database of the bench, with the ids from 1. */
export const USER_COUNT = 1000;
export const CURRENCY = 'USD';
/** Enough for every withdrawal of a run to be accepted, even when all of them are one user's. */
const OPENING_BALANCE_MINOR = 100_000_000_000n;

export const TEMPLATE = 'template';

/** Makes the database that all others are copies of: the project's own schema, and users with money. */
export async function createTemplate(server: BenchServer): Promise<void> {
  const databaseUrl = await server.createDatabase(TEMPLATE);
  await migrateToLatest(databaseUrl);
  await withPool(databaseUrl, async (pool) => {
    await findSystemAccounts(pool, CURRENCY);
    await inTransaction(pool, (transaction) =>
      fillUsers(transaction, {
        count: USER_COUNT,
        currency: CURRENCY,
        balanceMinor: OPENING_BALANCE_MINOR,
      }),
    );
  });
  await tidyUp(databaseUrl);
}
