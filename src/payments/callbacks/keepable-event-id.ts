import { createHash } from 'node:crypto';
import { hasInvisible } from '../../text/visible-text.ts';

const MAX_CHARACTERS = 255;

/**
 * The id of a gateway's event as it is kept: itself, or the digest of an id that no database keeps or no person can tell from
 * another (half of a surrogate pair, NUL, what nobody sees, too many characters). An event that is refused for its id would be sent
 * again for ever, and what it says of the money would be lost; the body is kept, and with it the id.
 */
export function keepableEventId(text: string): string {
  const id = text.trim();
  const isKeepable = id !== '' && [...id].length <= MAX_CHARACTERS && id.isWellFormed() && !hasInvisible(id);
  if (isKeepable) return id;
  // As JSON, which writes halves of surrogate pairs out: their bytes in UTF-8 would all be the same.
  return `sha256:${createHash('sha256').update(JSON.stringify(text)).digest('hex')}`;
}
