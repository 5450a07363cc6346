/**
 * Invisible characters, as the ranges of a character class: control and format characters, fillers, variation selectors, zero-width and
 * blank letters, separators other than the space. Two names that differ only by one of these look the same but would be different names.
 * The ranges are written out instead of `\p{...}`, because the OpenAPI document shows them to programs in many languages.
 */
const INVISIBLE_RANGES = [
  '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890-\\u0891\\u08e2\\u115f-\\u1160\\u1680',
  '\\u17b4-\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0',
  // Languages differ in how they escape characters beyond four digits, so these are written literally.
  '\\ufff0-\\ufffb\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}',
].join('');

/** Text with at least one visible character and without NUL, which PostgreSQL cannot store. A JSON Schema pattern. */
export const VISIBLE_TEXT_PATTERN = `^[^\\u0000]*[^ ${INVISIBLE_RANGES}][^\\u0000]*$`;
/** Text without invisible characters. A JSON Schema pattern. */
export const NAME_PATTERN = `^ *[^ ${INVISIBLE_RANGES}][^${INVISIBLE_RANGES}]*$`;

const visible = new RegExp(`[^ ${INVISIBLE_RANGES}]`, 'u');
const invisible = new RegExp(`[${INVISIBLE_RANGES}]`, 'u');

/** Whether a text has any visible character. Joiners and line breaks inside it are allowed, since they are part of writing. */
export function isVisible(text: string): boolean {
  return visible.test(text);
}

/** Whether a name or an id contains an invisible character. */
export function hasInvisible(text: string): boolean {
  return invisible.test(text);
}
