/**
 * What nobody sees: control and format characters, fillers, variation selectors, zero-width and blank letters, separators other
 * than the space. Two names that look alike but for one of these would be two names.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/u;
const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');

/** Whether a text has anything that can be seen. Inside of it joiners and line breaks are part of writing. */
export function isVisible(text: string): boolean {
  return text.replace(EVERY_INVISIBLE, '').trim() !== '';
}

/** Whether a name or an id holds something that nobody sees. */
export function hasInvisible(text: string): boolean {
  return INVISIBLE.test(text);
}
