import type { Answer } from '../load/client-journal.ts';

/** How often each answer was given: `202`, `202 replayed`, `422 insufficient-funds`, `no answer: hung up`. */
export function countAnswers(answers: readonly Answer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    const name = nameOf(answer);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

function nameOf({ status, code, isReplay }: Answer): string {
  if (status === null) return `no answer: ${code}`;
  return [status, code, isReplay ? 'replayed' : null].filter(Boolean).join(' ');
}
