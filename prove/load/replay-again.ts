import { API_NAMES } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import { type Client, readAcceptance } from './client.ts';
import type { ClientJournal, CommandIntent, Intent } from './client-journal.ts';

const MAX_REPLAYS = 300;
const AT_ONCE = 20;

/** At the end, sends accepted requests once more, to both APIs; the checks compare the answers. */
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
  const commands = new Map<string, CommandIntent>();
  for (const { intent, status } of journal.commandAnswers())
    if (intent.key !== null && status !== null && status < 300)
      commands.set(`${intent.userId} ${intent.key}`, intent);
  const chosenCommands = createRandom(seed, 'replays of commands')
    .shuffle([...commands.values()])
    .slice(0, MAX_REPLAYS);
  await inBatches(chosen, (intent) => API_NAMES.map((api) => client.insist(intent, api)));
  await inBatches(chosenCommands, (intent) => API_NAMES.map((api) => client.insistOn(intent, api)));
}

async function inBatches<T>(items: readonly T[], send: (item: T) => Promise<unknown>[]): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE)
    await Promise.all(items.slice(start, start + AT_ONCE).flatMap(send));
}
