/** The first `most` characters (Unicode code points) of a text; never half of a surrogate pair. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = 0;
  for (let count = 0; count < most && end < text.length; count += 1)
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

/**
 * Text from outside in a form that the database can store, with at most `most` characters. Half of a surrogate pair cannot be encoded in
 * UTF-8, and PostgreSQL cannot store NUL. Each becomes U+FFFD and is not dropped, so that no text turns into another meaningful text.
 */
export function storableText(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = cutText(text, most).toWellFormed();
  return cut.includes('\0') ? cut.replaceAll('\0', '\ufffd') : cut;
}

/** How many characters (Unicode code points) a text has; half of a surrogate pair counts as one. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
