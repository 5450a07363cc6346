import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, ClientJournal } from '../load/client-journal.ts';
import { API_NAMES, type ApiName } from '../plan/members.ts';
import type { Fleet } from '../processes/fleet.ts';

/** More than enough to notice that the database can write again, however it is noticed. */
const GRACE_MS = 3000;
const WATCH_MS = 3000;
/** Together longer than whatever else is made to happen lasts. */
const ROUNDS = 8;
const MIN_ANSWERS = 5;

/** Whether an API was asked often enough to tell, and said nothing but 503. */
export function refusesEverything(answers: readonly Pick<Answer, 'status'>[]): boolean {
  const heard = answers.filter(({ status }) => status !== null);
  return heard.length >= MIN_ANSWERS && heard.every(({ status }) => status === 503);
}

/**
 * Finds the APIs that lived through what is over now, and go on refusing everything as if it were not.
 * Whoever refuses in one round is asked in the next: sessions that are cut, or a machine that is busy with all that is made to happen,
 * may be the reason for a while. Resolves once each has answered, or has refused in every round.
 */
export async function findStuckApis({
  fleet,
  journal,
  ask,
  wait = sleep,
}: {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly journal: Pick<ClientJournal, 'answers'>;
  /** Sends many requests to each of them. */
  readonly ask: () => void;
  readonly wait?: (durationMs: number) => Promise<unknown>;
}): Promise<ApiName[]> {
  // A process that is started again gets another port.
  const lives = new Map(API_NAMES.map((name) => [name, fleet.originOf(name)]));
  let suspects: readonly ApiName[] = API_NAMES;
  await wait(GRACE_MS);
  for (let round = 0; round < ROUNDS && suspects.length > 0; round += 1) {
    const asked = journal.answers().length;
    ask();
    await wait(WATCH_MS);
    const heard = journal.answers().slice(asked);
    suspects = suspects.filter((name) => {
      const life = lives.get(name);
      if (life === undefined || fleet.originOf(name) !== life) return false;
      return refusesEverything(heard.filter(({ api }) => api === name));
    });
  }
  return [...suspects];
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
