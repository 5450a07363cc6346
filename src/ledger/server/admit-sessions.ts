import type { Queryable } from '../../database/database.ts';
import { forgetSystemAccounts } from '../system-accounts.ts';
import { createServerCheck } from './check-session-server.ts';

/**
 * Creates the check for each new session before it is used: the ledger is on its own server (`createServerCheck`), its history continues
 * (`createHistoryWatch`), and nothing remembered from earlier sessions is trusted.
 * @returns a function that throws WrongDatabase.
 */
export function createAdmission(
  watchHistory: (session: Queryable) => Promise<void>,
): (session: Queryable) => Promise<void> {
  const requireLedgerServer = createServerCheck();
  return async (session) => {
    await requireLedgerServer(session);
    await watchHistory(session);
    forgetSystemAccounts();
  };
}
