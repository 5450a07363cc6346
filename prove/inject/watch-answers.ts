import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, ClientJournal } from '../load/client-journal.ts';
import { API_NAMES, type ApiName } from '../plan/members.ts';
import type { Fleet } from '../processes/fleet.ts';

/** More than enough to notice that the database can write again, however it is noticed. */
const GRACE_MS = 3000;
const WATCH_MS = 3000;
const MIN_ANSWERS = 5;

/** Whether an API was asked often enough to tell, and said nothing but 503. */
export function refusesEverything(answers: readonly Pick<Answer, 'status'>[]): boolean {
  const heard = answers.filter(({ status }) => status !== null);
  return heard.length >= MIN_ANSWERS && heard.every(({ status }) => status === 503);
}

/**
 * Finds the APIs that lived through what is over now, and go on refusing everything as if it were not.
 * Resolves when that can be told, some seconds later.
 */
export async function findStuckApis({
  fleet,
  journal,
  ask,
}: {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly journal: Pick<ClientJournal, 'answers'>;
  /** Sends many requests to each of them. */
  readonly ask: () => void;
}): Promise<ApiName[]> {
  // A process that is started again gets another port.
  const lives = new Map(API_NAMES.map((name) => [name, fleet.originOf(name)]));
  await sleep(GRACE_MS);
  const since = new Date();
  ask();
  await sleep(WATCH_MS);
  return API_NAMES.filter((name) => {
    const life = lives.get(name);
    if (life === undefined || fleet.originOf(name) !== life) return false;
    return refusesEverything(journal.answers().filter(({ api, sentAt }) => api === name && sentAt >= since));
  });
}

/** How many payments of other users were accepted since a moment. */
export function countAcceptedBeside(
  journal: Pick<ClientJournal, 'answers'>,
  { userId, since }: { readonly userId: bigint; readonly since: Date },
): number {
  return journal
    .answers()
    .filter(
      ({ status, isReplay, sentAt, intent }) =>
        status === 202 && !isReplay && sentAt >= since && intent.userId !== userId,
    ).length;
}
