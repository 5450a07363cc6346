/** Words that negate a following word in the same sentence. */
const DENIAL =
  /(\b(no|not|never|none|nothing|neither|nor|without|unless|until|if|whether|cannot|0)\b|n['’]t\b)[^.!?;,"<>{}]*$/;
/** How far before the word to look for a negation. */
const DENIAL_CHARACTERS = 40;
/** `succeeded: false`, `<succeeded>0</succeeded>`. */
const TAKEN_BACK = /^["']?\s*[:=>]\s*["']?(false|no|n|0|null|none)\b/;

/**
 * Whether a text that is not JSON, or that is part of JSON, contains one of the gateway's words for success as a separate, unnegated word.
 * That settles nothing, but is reason enough not to release the money.
 */
export function claimsInText(text: string, succeededWords: ReadonlySet<string>): boolean {
  const plain = text.toLowerCase().replaceAll('_', ' ');
  return [...succeededWords].some((word) => claims(plain, word.replaceAll('_', ' ')));
}

function claims(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text.slice(Math.max(0, at - DENIAL_CHARACTERS), at);
    const after = text.slice(at + word.length, at + word.length + DENIAL_CHARACTERS);
    const isWhole = !/[\p{L}\p{N}]$|<\/$/u.test(before) && !/^[\p{L}\p{N}]/u.test(after);
    if (isWhole && !DENIAL.test(before) && !TAKEN_BACK.test(after)) return true;
  }
  return false;
}
