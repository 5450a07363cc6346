import { z } from 'zod';
import { walletCurrencyField } from '../../describe/currency-field.ts';
import { idField, nameField } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { WALLETS_PATH, walletPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import { defineOperation } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { openedWalletExample, walletExample, walletSchema } from './wallet-schemas.ts';

const HEADERS = {
  Location: { ...LOCATION, description: 'The address of the wallet.', example: walletPath('12') },
  'Idempotency-Replayed': REPLAYED,
};
const MOST_CHARACTERS = 64;

/** Opens wallets, one without a name for each currency of a user, and more with a name. */
export function openOperations({ metrics, walletOpener }: ApiContext) {
  return [
    defineOperation({
      method: 'post',
      path: WALLETS_PATH,
      id: 'openWallet',
      tag: 'wallets',
      summary: 'Open a wallet of a user',
      description:
        'It begins with nothing in it. A user has one wallet without a name in each currency, which is meant wherever a user and a currency are named; one that is there already is answered with 200. Further wallets in the same currency have a name, which no other wallet of the user in this currency has or had.',
      body: z.strictObject({
        user_id: idField,
        currency: walletCurrencyField(),
        name: nameField({ most: MOST_CHARACTERS }).optional(),
      }),
      bodyExample: { user_id: 1, currency: 'EUR', name: 'savings' },
      takesIdempotencyKey: true,
      access: 'anyone',
      answers: {
        201: {
          description: 'The wallet was opened.',
          schema: walletSchema,
          example: { ...openedWalletExample, name: 'savings' },
          headers: HEADERS,
        },
        200: {
          description: 'The user has had this wallet before.',
          schema: walletSchema,
          example: walletExample,
          headers: HEADERS,
        },
      },
      problems: [
        'malformed-request',
        'user-not-found',
        'wallet-name-taken',
        'validation-failed',
        ...IDEMPOTENCY_PROBLEMS,
      ],
      async handle({ body: { user_id: userId, currency, name = '' }, request }) {
        const idempotency = readIdempotencyClaim(request, {
          route: WALLETS_PATH,
          isRequired: false,
          understood: { user_id: userId.toString(), currency, name },
        });
        const outcome = await walletOpener.execute({
          userId,
          currency,
          name,
          idempotency,
          traceparent: readTraceparent(request),
        });
        if (outcome.kind !== 'decided') return answerUsedKey(outcome, { metrics });
        const { result } = outcome;
        if (result.kind === 'user_not_found')
          throw new Problem('user-not-found', {
            detail: `There is no user ${userId}.`,
            errors: [{ field: 'user_id', message: 'does not name a user' }],
          });
        return answerMade(result);
      },
    }),
  ];
}
