import type { Queryable } from '../../database/database.ts';
import { StartError } from '../../process/lifecycle.ts';
import { readClock, rememberServer } from './clock.sql.ts';
import { decideClock } from './decide-clock.ts';

/**
 * Makes sure, before anything moves money, that the ledger is on the server whose transaction ids it was counted by. The first time, it
 * records which server that is. A database without the ledger's clock is accepted: its migrations are missing, which `requireModel` reports.
 * @throws StartError that says what to run, if the database is a copy on another server.
 */
export async function requireLedgerServer(queryable: Queryable): Promise<void> {
  const facts = await readClock(queryable);
  if (!facts) return;
  const state = decideClock(facts);
  if (state.kind === 'same_server') return;
  if (state.kind !== 'unnoted') throw new StartError(state.sentence);
  // If the server accepts no writes at the moment, the next start records it.
  await rememberServer(queryable, state.identifier).catch(() => {});
}
