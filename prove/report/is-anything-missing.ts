import type { Pool } from '../../src/database/database.ts';
import type { ClientJournal } from '../load/client-journal.ts';
import { createTally, type Tally } from '../processes/tally.ts';
import { readBook, readCalls } from '../world/read-gateway.ts';
import { readAccounts, readOrderHolds, readPayments } from '../world/read-world.sql.ts';
import { countCommands } from './count-commands.ts';
import { countWords } from './count-words.ts';
import { listMissingOutcomes, listMissingTroubles } from './judge.ts';

/** Whether something must still happen for the run to count as a proof, by what is recorded so far. */
export async function isAnythingMissing({
  tally,
  journal,
  pool,
  gatewayUrl,
}: {
  readonly tally: Tally;
  readonly journal: ClientJournal;
  readonly pool: Pool;
  readonly gatewayUrl: string;
}): Promise<boolean> {
  if (listMissingTroubles(tally).length > 0) return true;
  try {
    const records = {
      answers: journal.answers(),
      commandAnswers: journal.commandAnswers(),
      accounts: await readAccounts(pool),
      orderHolds: await readOrderHolds(pool),
      payments: await readPayments(pool),
      calls: await readCalls(gatewayUrl),
      ...(await readBook(gatewayUrl)),
    };
    // Not the tally of the run: these are counted for good in the end.
    const soFar = createTally();
    countWords(records, soFar);
    countCommands(records, soFar);
    return listMissingOutcomes(soFar).length > 0;
  } catch {
    // The database or the gateway is away, which is over soon.
    return true;
  }
}
