import { hash } from 'node:crypto';

/** The client may store the answer, shared caches may not, and it must be revalidated each time. */
export const REVALIDATED = 'private, no-cache';

/** A strong validator (RFC 9110, 8.8.3): it changes with every change of the content. */
export function entityTagOf(content: string | Buffer): string {
  return `"${hash('sha256', content, 'base64url').slice(0, 27)}"`;
}

const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * Whether the client already has the current answer: `If-None-Match` is `*` or names the tag, by weak comparison (RFC 9110, 13.1.2).
 * Whatever cannot be parsed is ignored.
 */
export function isInHand(ifNoneMatch: string | undefined, entityTag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(ENTITY_TAG)].some(([, opaque]) => opaque === entityTag);
}
