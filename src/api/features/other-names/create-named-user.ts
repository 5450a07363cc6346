import type { Request } from 'express';
import { type UserName, writeUserName } from '../../../wallets/user-name.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import type { Answer, DescribedAnswer } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { walletMissing } from './find-named-user.ts';
import { renderCreatedWallet } from './render-user-wallet.ts';
import { userWalletExample, userWalletSchema } from './user-wallet-schemas.ts';

export const CREATE_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'wallet-not-found',
  'validation-failed',
  ...IDEMPOTENCY_PROBLEMS,
];

/** @param location an example of where the wallet is read. */
export function createAnswers(location: string): Readonly<Record<number, DescribedAnswer>> {
  const headers = { Location: { ...LOCATION, example: location }, 'Idempotency-Replayed': REPLAYED };
  const isNew = {
    ...userWalletExample,
    balance: 0,
    balance_minor: '0',
    updated_at: userWalletExample.created_at,
  };
  return {
    200: {
      description: 'The user was created before.',
      schema: userWalletSchema,
      example: userWalletExample,
      headers,
    },
    201: {
      description: 'The user was created, with an empty wallet.',
      schema: userWalletSchema,
      example: isNew,
      headers,
    },
  };
}

/**
 * Creates a user with an empty wallet, once for each name.
 * @param name null for a user of whom no name is known yet, who gets a number.
 * @param pathOf where the wallet of a user is read.
 * @throws Problem if the key leads to no answer, or the user exists and has no wallet in the currency.
 */
export async function createNamedUser(
  { userCreator, metrics }: ApiContext,
  request: Request,
  {
    route,
    name,
    currency,
    pathOf,
  }: {
    readonly route: string;
    readonly name: UserName | null;
    readonly currency: string;
    readonly pathOf: (user: string) => string;
  },
): Promise<Answer> {
  const pathFor = (userId: bigint) => pathOf(name ? writeUserName(name) : userId.toString());
  const outcome = await userCreator.execute({
    opening: { amountMinor: 0n, currency },
    name,
    traceparent: readTraceparent(request),
    renderResponse: renderCreatedWallet,
    idempotency: readIdempotencyClaim(request, {
      route,
      isRequired: false,
      understood: { user: name ? writeUserName(name) : 'new', currency },
    }),
  });
  if (outcome.kind !== 'decided') {
    const path = outcome.kind === 'replayed' ? { path: pathFor(outcome.resource.id) } : {};
    return answerUsedKey(outcome, { metrics, ...path });
  }
  const { result } = outcome;
  if (result.kind === 'wallet_not_found')
    throw walletMissing(name ?? { kind: 'number', userId: result.userId }, currency);
  const { userId, response } = result;
  return answerMade({ resource: { kind: 'user', id: userId }, response }, { path: pathFor(userId) });
}
