import { z } from 'zod';
import { readAccount } from '../../../order-holds/read-order-holds.sql.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { accountPath } from '../../describe/resource-paths.ts';
import { userNameText } from '../../describe/user-name-field.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { requireUserId } from '../other-names/find-named-user.ts';
import { foreignWallet, userNotFound, walletNotFound } from './hold-problems.ts';
import { accountExample, accountSchema } from './order-hold-schemas.ts';
import { renderAccount } from './render-order-hold.ts';

/** A user who has more open holds than this is shown the oldest ones. */
const MOST_HOLDS = 100;

export function accountOperations({ knex }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: accountPath('{user_id}'),
      id: 'readAccount',
      tag: 'accounts',
      summary: "Read a user's wallet with its open holds, as of one moment",
      description: `The wallet \`wallet_id\`; without it, the one without a name in \`currency\`; without either, the wallet that the user began with. Up to ${MOST_HOLDS} of its open holds are listed, and none of any other wallet.`,
      params: z.object({ user_id: userNameText({ use: 'find' }).meta({ example: 1 }) }),
      query: z.strictObject({ currency: namedCurrencyField(), wallet_id: idText.optional() }),
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The account.', schema: accountSchema, example: accountExample } },
      problems: ['user-not-found', 'wallet-not-found', 'validation-failed'],
      async handle({ params: { user_id: name }, query: { currency, wallet_id: walletId } }) {
        const userId = await requireUserId(knex, { name, field: 'user_id' });
        const account = await readAccount(knex, { userId, walletId, currency, holdLimit: MOST_HOLDS });
        if (account === undefined) throw userNotFound(userId, 'user_id');
        if (account === null)
          throw walletId === undefined
            ? walletNotFound({ userId, currency: currency ?? '' }, 'currency')
            : foreignWallet({ userId, walletId, currency });
        return { status: 200, body: renderAccount(account) };
      },
    }),
  ];
}
