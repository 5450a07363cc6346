/**
 * What nobody sees, as the ranges of a character class: control and format characters, fillers, variation selectors, zero-width and
 * blank letters, separators other than the space. Two names that look alike but for one of these would be two names.
 * It is written out rather than as `\p{...}`, because the description of the API shows it to programs in many languages.
 */
const INVISIBLE_RANGES = [
  '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890-\\u0891\\u08e2\\u115f-\\u1160\\u1680',
  '\\u17b4-\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0',
  // Beyond four digits languages differ in how they escape a character, so it stands for itself.
  '\\ufff0-\\ufffb\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}',
].join('');

/** Text in which something can be seen, and without NUL, which PostgreSQL has no place for. A pattern of JSON Schema. */
export const VISIBLE_TEXT_PATTERN = `^[^\\u0000]*[^ ${INVISIBLE_RANGES}][^\\u0000]*$`;
/** Text in which nothing hides. A pattern of JSON Schema. */
export const NAME_PATTERN = `^ *[^ ${INVISIBLE_RANGES}][^${INVISIBLE_RANGES}]*$`;

const visible = new RegExp(`[^ ${INVISIBLE_RANGES}]`, 'u');
const invisible = new RegExp(`[${INVISIBLE_RANGES}]`, 'u');

/** Whether a text has anything that can be seen. Inside of it joiners and line breaks are part of writing. */
export function isVisible(text: string): boolean {
  return visible.test(text);
}

/** Whether a name or an id holds something that nobody sees. */
export function hasInvisible(text: string): boolean {
  return invisible.test(text);
}
