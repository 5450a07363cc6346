import { API_NAMES } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import { type Client, readAcceptance } from './client.ts';
import type { ClientJournal, Intent } from './client-journal.ts';

const MAX_REPLAYS = 300;
const AT_ONCE = 20;

/** Sends requests that were accepted once more, in the end, to both APIs; the check compares what they are answered. */
export async function replayAgain({
  client,
  journal,
  seed,
}: {
  readonly client: Client;
  readonly journal: ClientJournal;
  readonly seed: number;
}): Promise<void> {
  const accepted = new Map<string, Intent>();
  for (const answer of journal.answers()) {
    const { intent } = answer;
    if (intent.key !== null && readAcceptance(answer)) accepted.set(`${intent.userId} ${intent.key}`, intent);
  }
  const chosen = createRandom(seed, 'replays')
    .shuffle([...accepted.values()])
    .slice(0, MAX_REPLAYS);
  for (let start = 0; start < chosen.length; start += AT_ONCE) {
    const batch = chosen.slice(start, start + AT_ONCE);
    await Promise.all(batch.flatMap((intent) => API_NAMES.map((api) => client.insist(intent, api))));
  }
}
