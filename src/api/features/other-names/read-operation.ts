import { z } from 'zod';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation, type Operation } from '../../server/operation.ts';
import { requireUserWallet } from './find-named-user.ts';
import type { OtherName } from './other-name.ts';
import { renderUserWallet } from './render-user-wallet.ts';
import { describeUserPlace, readUserPlace, type UserPlace } from './user-place.ts';
import { userWalletExample, userWalletSchema } from './user-wallet-schemas.ts';

/** A call that reads the wallet of the user whom the path or a header names. */
export function readOperation(
  { knex }: ApiContext,
  { user, ...name }: OtherName & { readonly user: UserPlace },
): Operation {
  const { described, problems } = describeUserPlace(user, { use: 'find' });
  return defineOperation({
    ...name,
    ...described,
    method: 'get',
    description: 'The wallet in `currency`, or without one the wallet that the user began with.',
    query: z.strictObject({ currency: namedCurrencyField() }),
    isPolled: true,
    access: 'anyone',
    answers: { 200: { description: 'The wallet.', schema: userWalletSchema, example: userWalletExample } },
    problems: [...problems, 'user-not-found', 'wallet-not-found', 'validation-failed'],
    async handle({ params, query, request }) {
      const named = readUserPlace(user, { params, request }, { use: 'find' });
      return { status: 200, body: renderUserWallet(await requireUserWallet(knex, named, query)) };
    },
  });
}
