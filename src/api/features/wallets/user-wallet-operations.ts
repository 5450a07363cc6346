import { z } from 'zod';
import { listWallets } from '../../../wallets/read-wallets.sql.ts';
import { walletCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { userWalletPath, userWalletsPath } from '../../describe/resource-paths.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import { defineOperation } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { namedWalletField, requireWalletOf, userNotFound } from './find-wallet.ts';
import { renderWallet } from './render-wallet.ts';
import { openedWalletExample, userWalletsSchema, walletExample, walletSchema } from './wallet-schemas.ts';

const PATH = userWalletsPath('{user_id}');
const userIdField = idText.meta({ example: 1 });

/** The wallets of a user, by currency. */
export function userWalletOperations({ knex, metrics, walletOpener }: ApiContext) {
  const OPENED_HEADERS = {
    Location: { ...LOCATION, description: 'The address of the wallet.', example: userWalletPath('1', 'EUR') },
    'Idempotency-Replayed': REPLAYED,
  };
  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listUserWallets',
      tag: 'users',
      summary: "List a user's wallets, oldest first",
      description:
        'One without a name for each currency that the user has a wallet in, and those with a name; the first is the one that the user began with.',
      params: z.object({ user_id: userIdField }),
      isPolled: true,
      access: 'anyone',
      answers: {
        200: {
          description: 'The wallets.',
          schema: userWalletsSchema,
          example: { items: [walletExample] },
        },
      },
      problems: ['user-not-found', 'validation-failed'],
      async handle({ params: { user_id: userId } }) {
        const wallets = await listWallets(knex, userId);
        if (wallets.length === 0) throw userNotFound(userId);
        return { status: 200, body: { items: wallets.map(renderWallet) } };
      },
    }),

    defineOperation({
      method: 'post',
      path: PATH,
      id: 'openUserWallet',
      tag: 'users',
      summary: 'Open a wallet of a user in another currency',
      description:
        'It begins with nothing in it. A user has one wallet in each currency: one that is there already is answered with 200.',
      params: z.object({ user_id: userIdField }),
      body: z.strictObject({ currency: walletCurrencyField() }),
      bodyExample: { currency: 'EUR' },
      takesIdempotencyKey: true,
      access: 'anyone',
      answers: {
        201: {
          description: 'The wallet was opened.',
          schema: walletSchema,
          example: openedWalletExample,
          headers: OPENED_HEADERS,
        },
        200: {
          description: 'The user has had this wallet before.',
          schema: walletSchema,
          example: walletExample,
          headers: OPENED_HEADERS,
        },
      },
      problems: ['malformed-request', 'user-not-found', 'validation-failed', ...IDEMPOTENCY_PROBLEMS],
      async handle({ params: { user_id: userId }, body: { currency }, request }) {
        const idempotency = readIdempotencyClaim(request, {
          route: PATH,
          isRequired: false,
          understood: { user_id: userId.toString(), currency },
        });
        const path = userWalletPath(userId, currency);
        const outcome = await walletOpener.execute({
          userId,
          currency,
          name: '',
          idempotency,
          traceparent: readTraceparent(request),
        });
        if (outcome.kind !== 'decided') return answerUsedKey(outcome, { metrics, path });
        const { result } = outcome;
        if (result.kind === 'user_not_found') throw userNotFound(userId);
        return answerMade(result, { path });
      },
    }),

    defineOperation({
      method: 'get',
      path: userWalletPath('{user_id}', '{currency}'),
      id: 'getUserWallet',
      tag: 'users',
      summary: "Read a user's wallet in a currency",
      params: z.object({ user_id: userIdField, currency: namedWalletField }),
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The wallet.', schema: walletSchema, example: walletExample } },
      problems: ['user-not-found', 'no-such-wallet', 'validation-failed'],
      async handle({ params: { user_id: userId, currency } }) {
        return { status: 200, body: renderWallet(await requireWalletOf(knex, { userId, currency })) };
      },
    }),
  ];
}
