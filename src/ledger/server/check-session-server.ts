import type { Queryable } from '../../database/database.ts';
import { WrongDatabase } from '../../database/sessions/wrong-database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { type ClockFacts, readServerFacts } from './clock.sql.ts';
import { decideClock } from './decide-clock.ts';

/**
 * Gives what looks at each new session of a process, whose address may lead to another server tomorrow than at its start: the ledger
 * must be on it. A copy would take writes that nobody counts, and the original, which sessions of yesterday still lead to, would
 * take some that the copy never gets.
 *
 * A database without the ledger's clock is let pass until one with it has been seen: the migrations are missing, and that is told elsewhere.
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
    // Nobody else keeps readers from it.
    throw new WrongDatabase('The ledger is being rebased. Wait until npx tollgate rebase has ended.', {
      cause: error,
    });
  }
}
