const BLANK_AT_AN_END = /^[\s\p{Cf}]|[\s\p{Cf}]$/u;
const CONTROL = /\p{Cc}/u;

/** What is wrong with a setting's spaces, invisible characters and line breaks, where nobody sees that they are part of its value. */
export function findInvisible(value: string): string | undefined {
  if (value.trim() === '') return 'contains only spaces; leave it empty to use the default';
  if (BLANK_AT_AN_END.test(value))
    return 'must not begin or end with a space, a line break or an invisible character';
  if (CONTROL.test(value)) return 'must not contain a line break or another control character';
  return undefined;
}
