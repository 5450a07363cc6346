import type { Answer, CommandAnswer } from '../load/client-journal.ts';

/** How often each answer was given: `202`, `202 replayed`, `422 insufficient-funds`, `no answer: hung up`. */
export function countAnswers(answers: readonly Heard[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    const name = nameOf(answer);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

/** The same for everything but payments: `transfer 201`, `convert 409 quote-used`. */
export function countCommandAnswers(answers: readonly CommandAnswer[]): Map<string, number> {
  const byKind = Map.groupBy(answers, ({ intent }) => intent.kind);
  return new Map(
    [...byKind].flatMap(([kind, some]) =>
      [...countAnswers(some)].map(([name, count]) => [`${kind} ${name}`, count] as const),
    ),
  );
}

type Heard = Pick<Answer, 'status' | 'code' | 'isReplay'>;

function nameOf({ status, code, isReplay }: Heard): string {
  if (status === null) return `no answer: ${code}`;
  return [status, code, isReplay ? 'replayed' : null].filter(Boolean).join(' ');
}
