import { z } from 'zod';
import { ExactNumber } from '../../money/exact-number.ts';
import { MAX_CHOSEN_USER_ID, parseUuid, type UserName } from '../../wallets/user-name.ts';
import { describedAs } from './described-as.ts';

/** Either case: a UUID is one value, whichever way its digits are written. */
const UUID_PATTERN = '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
/** JSON's notation of a whole number: no leading zeros. */
const WHOLE = /^-?(?:0|[1-9]\d*)$/;
const NEITHER = 'must be a positive integer or a UUID';

/** Whether a name finds a user or creates one: a user may be created only under a number below 2^43. */
export type UserNameUse = 'find' | 'create';

const LARGEST: Readonly<Record<UserNameUse, bigint>> = {
  find: BigInt(Number.MAX_SAFE_INTEGER),
  create: MAX_CHOSEN_USER_ID,
};

/** What a client calls a user, in a path or a header: a number, in digits alone, or a UUID. */
export function userNameText({ use }: { readonly use: UserNameUse }) {
  return z
    .string()
    .transform((text, context) => told(context, readUserName(text, { use })))
    .meta(describedName(use));
}

/** The same in a body, where a number is a JSON number and a UUID is text. */
export function userNameField({ use }: { readonly use: UserNameUse }) {
  return z
    .any()
    .transform((value: unknown, context) => {
      const isNumber = typeof value === 'number' || value instanceof ExactNumber;
      if (isNumber) return told(context, readUserName(String(value), { use }));
      return told(context, (typeof value === 'string' ? parseUuid(value) : undefined) ?? NEITHER);
    })
    .meta(describedName(use));
}

/** What a user is called in an answer. */
export const answeredUserName = z.union([z.int(), z.string()]).meta({
  ...describedName('find'),
  description: 'The UUID that the user was created with, otherwise the number.',
});

/** The UUID that a user was created with, in an answer. */
export const externalIdField = z
  .string()
  .nullable()
  .meta({ description: 'The UUID that the user was created with, by which another system calls them.' });

/** @returns the name, or what is wrong with it. */
export function readUserName(text: string, { use }: { readonly use: UserNameUse }): UserName | string {
  const uuid = parseUuid(text);
  if (uuid) return uuid;
  if (!WHOLE.test(text) || text.startsWith('-')) return NEITHER;
  const userId = BigInt(text);
  if (userId < 1n || userId > LARGEST[use]) return `must be from 1 to ${LARGEST[use]}, or a UUID`;
  return { kind: 'number', userId };
}

function told(context: z.RefinementCtx, read: UserName | string): UserName {
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
}

function describedName(use: UserNameUse) {
  return {
    ...describedAs({
      anyOf: [
        { type: 'integer', minimum: 1, maximum: Number(LARGEST[use]) },
        { type: 'string', pattern: UUID_PATTERN, minLength: 36, maxLength: 36 },
      ],
    }),
    description:
      'What the client calls the user: a number, or a UUID in its form of 36 characters, in upper or lower case.',
  };
}
