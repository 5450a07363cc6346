import type { CommandAnswer } from '../load/client-journal.ts';

/** A 2xx answer about anything but a payment, with its body. */
export interface DoneCommand {
  readonly answer: CommandAnswer;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of seven kinds, each read where its kind is known
  readonly body: any;
}

export function readDone(answers: readonly CommandAnswer[], ...kinds: CommandAnswer['intent']['kind'][]) {
  return answers
    .filter(
      ({ intent, status }) => kinds.includes(intent.kind) && status !== null && status >= 200 && status < 300,
    )
    .map((answer): DoneCommand => ({ answer, body: JSON.parse(answer.body) }));
}

/** A key of a user, as sentences name it. */
export function keyNameOf({ userId, key }: CommandAnswer['intent']): string {
  return `${userId} ${key}`;
}
