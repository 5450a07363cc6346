import { readAcceptance } from '../load/client.ts';
import type { Answer } from '../load/client-journal.ts';

/** How many payments clients asked for: each key once, whatever became of it, and each request without one. */
export function countAsked(answers: readonly Answer[]): number {
  const keys = new Set<string>();
  let withoutKey = 0;
  for (const { intent } of answers) {
    if (intent.key === null) withoutKey += 1;
    else keys.add(`${intent.userId} ${intent.key}`);
  }
  return keys.size + withoutKey;
}

/** How many payments clients know to have been accepted. */
export function countAccepted(answers: readonly Answer[]): number {
  return new Set(answers.flatMap((answer) => readAcceptance(answer)?.paymentId ?? [])).size;
}
