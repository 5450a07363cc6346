import type { Pool } from '../../src/shared/database.ts';
import type { ClientJournal } from '../load/client-journal.ts';
import { readBook, readCalls } from './read-gateway.ts';
import {
  readAccounts,
  readAttempts,
  readDeadLetters,
  readEntries,
  readKeys,
  readPayments,
  readSteps,
} from './read-world.sql.ts';
import type { EndingsWatch } from './watch-endings.ts';
import type { World } from './world.ts';

/** Gathers what clients, database and gateway know, once nothing moves any more. */
export async function collectWorld({
  pool,
  gatewayUrl,
  journal,
  watch,
}: {
  readonly pool: Pool;
  readonly gatewayUrl: string;
  readonly journal: ClientJournal;
  readonly watch: EndingsWatch;
}): Promise<World> {
  return {
    answers: journal.answers(),
    openingMinor: journal.openingMinor(),
    payments: await readPayments(pool),
    accounts: await readAccounts(pool),
    steps: await readSteps(pool),
    entries: await readEntries(pool),
    attempts: await readAttempts(pool),
    deadLetters: await readDeadLetters(pool),
    keys: await readKeys(pool),
    ...(await readBook(gatewayUrl)),
    calls: await readCalls(gatewayUrl),
    seenEndings: watch.seenEndings(),
    seenOverdrafts: watch.seenOverdrafts(),
  };
}
