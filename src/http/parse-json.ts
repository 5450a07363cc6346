import { keepNumbersExact } from '../money/exact-number.ts';

export type ParsedJson =
  | { readonly kind: 'parsed'; readonly value: unknown }
  | { readonly kind: 'no_json' }
  | { readonly kind: 'repeated_member'; readonly member: string };

/**
 * Parses JSON from a client or the gateway. Numbers keep their exact value (exact-number.ts). If an object has a member twice, JSON.parse
 * keeps the last one, but another program may have read the first (RFC 8259, 4): with money, such an object is refused.
 */
export function parseJson(text: string): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text, keepNumbersExact);
  } catch {
    return { kind: 'no_json' };
  }
  const member = findRepeatedMember(text);
  return member === undefined ? { kind: 'parsed', value } : { kind: 'repeated_member', member };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The name of a member that an object in this valid JSON has more than once, if any. */
export function findRepeatedMember(json: string): string | undefined {
  const objects: Set<string>[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === OPEN_BRACE) objects.push(new Set());
    else if (code === CLOSE_BRACE) objects.pop();
    else if (code === QUOTE) {
      const end = endOfString(json, at);
      if (isFollowedByColon(json, end)) {
        const literal = json.slice(at, end);
        const name: string = literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1);
        const names = objects.at(-1);
        if (names?.has(name)) return name;
        names?.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The position after the closing quote of the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return json.length;
}

/** In valid JSON, only a member's name is followed by a colon. */
function isFollowedByColon(json: string, place: number): boolean {
  let at = place;
  // Space, tab, newline and carriage return are the only characters up to 0x20 that may stand between two tokens.
  while (json.charCodeAt(at) <= 0x20) at += 1;
  return json.charCodeAt(at) === COLON;
}
