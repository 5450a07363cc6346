import { createKnex, createPool } from '../../src/database/database.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { parseConfig } from '../../src/process/settings/config.ts';
import { checkIntegrity } from '../../test/support/check-integrity.ts';

/** Reading millions of entries takes longer than a request may. */
const PATIENT = parseConfig({ DATABASE_STATEMENT_TIMEOUT_SECONDS: '300' });

/** The ledger of a database that was measured does not add up: the figures are worth nothing. */
export class LedgerBroken extends Error {
  override readonly name = 'LedgerBroken';
}

/**
 * Runs the project's own integrity check after a fold.
 * @throws LedgerBroken with what it found.
 */
export async function checkLedger(databaseUrl: string, whose: string): Promise<void> {
  const pool = createPool(databaseUrl, PATIENT, 'bench-check', () => {});
  const knex = createKnex(databaseUrl, PATIENT, 'bench-check');
  try {
    await foldSystemAccounts(pool);
    const violations = await checkIntegrity(knex);
    if (violations.length > 0) {
      const shown = violations
        .slice(0, 5)
        .map(({ rule, subject, detail }) => `${rule}: ${subject}: ${detail}`);
      throw new LedgerBroken(`the ledger of ${whose} does not add up: ${shown.join('; ')}`);
    }
  } finally {
    await Promise.all([pool.end(), knex.destroy()]);
  }
}
