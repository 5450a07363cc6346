import type { Queryable } from '../database/database.ts';
import { createHomeCheck } from './admit-at-home.ts';
import { forgetSystemAccounts } from './system-accounts.ts';

/**
 * Gives what looks at each new session of a process before it is used: the ledger is at home there (`createHomeCheck`), its history goes on
 * (`createHistoryWatch`), and nothing that was remembered of an earlier session is taken for true.
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
