import type { Request } from 'express';
import { z } from 'zod';
import type { UserName } from '../../../wallets/user-name.ts';
import { readUserName, type UserNameUse, userNameText } from '../../describe/user-name-field.ts';
import { Problem } from '../../problems/problem.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import type { NamedUser } from './find-named-user.ts';

/** Where a request says which user it is about: in its path, or in the header X-User-Id. */
export type UserPlace = 'path' | 'header';

const HEADER = 'X-User-Id';
const EXAMPLE = { example: 1 };
const HEADER_PROBLEMS: readonly ProblemCode[] = ['user-header-malformed'];
const NO_PROBLEMS: readonly ProblemCode[] = [];

/** What an operation says of the user in its description, and the problems that the place can cause. */
export function describeUserPlace(place: UserPlace, { use }: { readonly use: UserNameUse }) {
  const name = userNameText({ use }).meta(EXAMPLE);
  return place === 'path'
    ? { described: { params: z.object({ user_id: name }) }, problems: NO_PROBLEMS }
    : { described: { requestHeaders: z.object({ [HEADER]: name }) }, problems: HEADER_PROBLEMS };
}

/**
 * The user whom a request is about.
 * @throws Problem if the header is missing, given more than once, or not a name.
 */
export function readUserPlace(
  place: UserPlace,
  { params, request }: { readonly params: unknown; readonly request: Request },
  { use }: { readonly use: UserNameUse },
): NamedUser {
  if (place === 'header') return { name: readUserHeader(request, { use }), field: HEADER };
  // The schema of the path has read it.
  const { user_id: name } = params as { readonly user_id: UserName };
  return { name, field: 'user_id' };
}

function readUserHeader(request: Request, { use }: { readonly use: UserNameUse }): UserName {
  const [text, ...others] = request.headersDistinct[HEADER.toLowerCase()] ?? [];
  if (text === undefined) throw malformed('is required');
  if (others.length > 0) throw malformed('must be given once');
  if (text === '') throw malformed('must not be empty');
  const name = readUserName(text, { use });
  if (typeof name === 'string') throw malformed(name);
  return name;
}

function malformed(message: string): Problem {
  return new Problem('user-header-malformed', {
    detail: `The header ${HEADER} ${message}. Nothing was done.`,
    errors: [{ field: HEADER, message }],
  });
}
