import { hash } from 'node:crypto';

/** What may be kept by whoever asked, and by nobody between, and is asked about each time. */
export const REVALIDATED = 'private, no-cache';

/** A strong validator (RFC 9110, 8.8.3): another one for every change of the content. */
export function entityTagOf(content: string | Buffer): string {
  return `"${hash('sha256', content, 'base64url').slice(0, 27)}"`;
}

const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * Whether a client has what it would be sent: `If-None-Match` is `*` or names the tag, compared weakly (RFC 9110, 13.1.2). What
 * cannot be read in it is passed over.
 */
export function isInHand(ifNoneMatch: string | undefined, entityTag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(ENTITY_TAG)].some(([, opaque]) => opaque === entityTag);
}
