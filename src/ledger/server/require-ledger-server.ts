import type { Queryable } from '../../database/database.ts';
import { StartError } from '../../process/lifecycle.ts';
import { readClock, rememberServer } from './clock.sql.ts';
import { decideClock } from './decide-clock.ts';

/**
 * Makes sure, before anything moves money, that the ledger is on the server whose transaction ids it was counted by; the first
 * time it notes which one that is. A database without the ledger's clock is let pass: the migrations are missing, and that
 * is told elsewhere.
 * @throws StartError, which names what to run, when the database is a copy on another server.
 */
export async function requireLedgerServer(queryable: Queryable): Promise<void> {
  const facts = await readClock(queryable);
  if (!facts) return;
  const state = decideClock(facts);
  if (state.kind === 'same_server') return;
  if (state.kind !== 'unnoted') throw new StartError(state.sentence);
  // A server that takes no writes at the moment is noted by the next start.
  await rememberServer(queryable, state.identifier).catch(() => {});
}
