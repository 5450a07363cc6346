/** How a client calls a user: by the number that is the user's id, or by a UUID of another system. */
export type UserName =
  | { readonly kind: 'number'; readonly userId: bigint }
  | { readonly kind: 'uuid'; readonly externalId: string };

/**
 * The largest number under which a client may create a user. The bits above are kept for the number of a cell, and the ids that are drawn
 * have room beyond any number that was given.
 */
export const MAX_CHOSEN_USER_ID = 2n ** 43n - 1n;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The name that is a UUID in the one form that is stored and answered, in lower case; undefined if the text is not a UUID. */
export function parseUuid(text: string): Extract<UserName, { kind: 'uuid' }> | undefined {
  return UUID.test(text) ? { kind: 'uuid', externalId: text.toLowerCase() } : undefined;
}

/** The name as text: in a path, in a fingerprint, for a person. */
export function writeUserName(name: UserName): string {
  return name.kind === 'number' ? name.userId.toString() : name.externalId;
}
