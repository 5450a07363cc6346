import type { Queryable } from '../database/database.ts';
import { createHomeCheck } from './admit-at-home.ts';
import { forgetSystemAccounts } from './system-accounts.ts';

/**
 * Creates the check for each new session before it is used: the ledger is on its own server (`createHomeCheck`), its history continues
 * (`createHistoryWatch`), and nothing remembered from earlier sessions is trusted.
 * @returns a function that throws WrongDatabase.
 */
export function createAdmission(
  watchHistory: (session: Queryable) => Promise<void>,
): (session: Queryable) => Promise<void> {
  const assertAtHome = createHomeCheck();
  return async (session) => {
    await assertAtHome(session);
    await watchHistory(session);
    forgetSystemAccounts();
  };
}
