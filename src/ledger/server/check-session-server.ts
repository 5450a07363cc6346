import type { Queryable } from '../../database/database.ts';
import { WrongDatabase } from '../../database/sessions/wrong-database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { type ClockFacts, readServerFacts } from './clock.sql.ts';
import { decideClock } from './decide-clock.ts';

/**
 * Creates the check that each new session of a process leads to the ledger's own server. The address of the database may lead to another
 * server later than at the start. A copy there would take writes that nobody counts, while older sessions, which still lead to the original,
 * would write what the copy never gets.
 *
 * Until a database with the ledger's clock has been seen, one without it is accepted: its migrations are missing, which `requireModel`
 * reports.
 * @returns a function that throws WrongDatabase.
 */
export function createServerCheck(): (session: Queryable) => Promise<void> {
  let hasBeenHome = false;
  return async (session) => {
    const facts = await readFacts(session);
    if (facts) {
      const state = decideClock(facts);
      if (state.kind === 'other_server' || state.kind === 'went_back')
        throw new WrongDatabase(state.sentence);
      hasBeenHome = true;
    } else if (hasBeenHome)
      throw new WrongDatabase(
        'The address of the database leads to one that does not have the tables of Tollgate. Check where DATABASE_URL leads.',
      );
  };
}

async function readFacts(session: Queryable): Promise<ClockFacts | undefined> {
  try {
    return await readServerFacts(session);
  } catch (error) {
    if (classifyDatabaseError(error).kind !== 'lock_timeout') throw error;
    // Only a rebase locks the clock against readers.
    throw new WrongDatabase('The ledger is being rebased. Wait until npx tollgate rebase has ended.', {
      cause: error,
    });
  }
}
