import { createHash } from 'node:crypto';
import { hasInvisible } from '../../text/visible-text.ts';

const MAX_CHARACTERS = 255;

/**
 * The id of a gateway's event as it is stored: unchanged, or as a digest if the database cannot store it or people cannot distinguish it
 * (half of a surrogate pair, NUL, invisible characters, too many characters). If an event were refused for its id, the gateway would send
 * it forever, and what it says about the money would be lost. The body is stored, and with it the original id.
 */
export function storableEventId(text: string): string {
  const id = text.trim();
  const isKeepable = id !== '' && [...id].length <= MAX_CHARACTERS && id.isWellFormed() && !hasInvisible(id);
  if (isKeepable) return id;
  // Hash it as JSON, which escapes halves of surrogate pairs: in UTF-8, their bytes would all be the same.
  return `sha256:${createHash('sha256').update(JSON.stringify(text)).digest('hex')}`;
}
