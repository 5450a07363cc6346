import { type Backoff, backoffMs } from './backoff.ts';
import { sleep } from './sleep.ts';

/**
 * Asks again after each pause while the answer is one to wait on, and gives the last answer. For what answers "not yet"; what throws is
 * repeated by `retry`.
 * @param first the answer that is known already.
 * @param forMs no pause begins later than this.
 * @param signal ends the pauses; the question that follows is the last.
 */
export async function askAgain<Answer>(
  first: Answer,
  ask: () => Promise<Answer>,
  {
    mustWait,
    pauses,
    forMs,
    signal,
  }: {
    readonly mustWait: (answer: Answer) => boolean;
    readonly pauses: Backoff;
    readonly forMs: number;
    readonly signal?: AbortSignal;
  },
): Promise<Answer> {
  const untilMs = performance.now() + forMs;
  let answer = first;
  for (let attempt = 1; mustWait(answer) && performance.now() < untilMs && !signal?.aborted; attempt += 1) {
    await sleep(backoffMs(attempt, pauses), { signal });
    answer = await ask();
  }
  return answer;
}
