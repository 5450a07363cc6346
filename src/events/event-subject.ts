import { EVENT_TYPES } from './event-types.ts';

/** What events are about: `payment`, `wallet` and so on. */
const SUBJECT_KINDS = [...new Set(Object.values(EVENT_TYPES).map(({ subject }) => subject))];

/** A JSON Schema pattern for the subjects that events can have, such as `payment:42`. */
export const SUBJECT_PATTERN = `^(${SUBJECT_KINDS.join('|')}):[1-9][0-9]{0,15}$`;
const SUBJECT = new RegExp(SUBJECT_PATTERN);

/** Why no event can have this subject, as the end of a sentence that begins with the field's name; undefined if one can. */
export function explainSubject(text: string): string | undefined {
  if (SUBJECT.test(text)) return undefined;
  return `must be a kind (${SUBJECT_KINDS.join(', ')}) and an id, such as payment:42`;
}
