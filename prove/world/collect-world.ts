import type { Pool } from '../../src/database/database.ts';
import type { ClientJournal } from '../load/client-journal.ts';
import { readFees } from './read-fees.sql.ts';
import { readBook, readCalls } from './read-gateway.ts';
import {
  readAccounts,
  readAttempts,
  readCommandKeys,
  readDeadLetters,
  readEntries,
  readEvidence,
  readGatewayEvents,
  readHolds,
  readKeys,
  readOrderHolds,
  readPayments,
  readQuotes,
  readResolutions,
  readSteps,
  readTold,
  readTransfers,
} from './read-world.sql.ts';
import type { EndingsWatch } from './watch-endings.ts';
import type { TakenCallback, World } from './world.ts';

/** Gathers what clients, the database and the gateway know, once nothing changes any more. */
export async function collectWorld({
  pool,
  gatewayUrl,
  journal,
  watch,
  takenCallbacks,
}: {
  readonly pool: Pool;
  readonly gatewayUrl: string;
  readonly journal: ClientJournal;
  readonly watch: EndingsWatch;
  readonly takenCallbacks: readonly TakenCallback[];
}): Promise<World> {
  return {
    answers: journal.answers(),
    commandAnswers: journal.commandAnswers(),
    openingMinor: journal.openingMinor(),
    payments: await readPayments(pool),
    accounts: await readAccounts(pool),
    transfers: await readTransfers(pool),
    fees: await readFees(pool),
    quotes: await readQuotes(pool),
    steps: await readSteps(pool),
    holds: await readHolds(pool),
    orderHolds: await readOrderHolds(pool),
    entries: await readEntries(pool),
    attempts: await readAttempts(pool),
    deadLetters: await readDeadLetters(pool),
    evidence: await readEvidence(pool),
    resolutions: await readResolutions(pool),
    events: await readGatewayEvents(pool),
    told: await readTold(pool),
    takenCallbacks,
    keys: await readKeys(pool),
    commandKeys: await readCommandKeys(pool),
    ...(await readBook(gatewayUrl)),
    calls: await readCalls(gatewayUrl),
    seenEndings: watch.seenEndings(),
    seenOverdrafts: watch.seenOverdrafts(),
  };
}
