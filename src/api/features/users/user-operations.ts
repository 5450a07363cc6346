import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { readStatement } from '../../../wallets/read-statement.sql.ts';
import { findUser } from '../../../wallets/read-users.sql.ts';
import { amountField } from '../../describe/amount-field.ts';
import { bodyByCurrency, currencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import { defineOperation } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { namedWalletField, requireWalletOf, userNotFound } from '../wallets/find-wallet.ts';
import { renderCreatedUser, renderStatementLine, renderUser } from './render-user.ts';
import { statementQuery, toStatementFilter } from './statement-query.ts';
import { statementExample, statementSchema, userExample, userSchema } from './user-schemas.ts';

const PATH = '/api/v1/users';
const LIST = 'statement';

export function userOperations({ config, userCreator, knex, lists, metrics }: ApiContext) {
  const fallback = config.payments.currency;
  const bodyIn = (named: string) =>
    z.strictObject({
      balance: amountField({ currency: named, least: 0n }).optional(),
      currency: currencyField({ fallback, isForWallets: true }),
    });
  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'createUser',
      tag: 'users',
      summary: 'Create a user with a wallet',
      description:
        'The wallet is in `currency`. The opening balance comes from equity; in production, only operators may open a wallet with money in it.',
      ...bodyByCurrency({ fallback, build: bodyIn }),
      bodyExample: { balance: 1000 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: ({ body }) =>
        config.service.environment === 'production' && (body.balance ?? 0n) > 0n ? 'operator' : 'anyone',
      answers: {
        201: {
          description: 'The user was created.',
          schema: userSchema,
          example: userExample,
          headers: { Location: { ...LOCATION, example: `${PATH}/1` }, 'Idempotency-Replayed': REPLAYED },
        },
      },
      problems: ['malformed-request', 'validation-failed', ...IDEMPOTENCY_PROBLEMS],
      async handle({ body, request }) {
        const { currency } = body;
        const opening = { amountMinor: body.balance ?? 0n, currency };
        const outcome = await userCreator.execute({
          opening,
          name: null,
          traceparent: readTraceparent(request),
          renderResponse: renderCreatedUser,
          idempotency: readIdempotencyClaim(request, {
            route: PATH,
            isRequired: false,
            understood: { balance: formatAmount(opening.amountMinor, currency), currency },
          }),
        });
        if (outcome.kind !== 'decided') return answerUsedKey(outcome, { metrics });
        const { result } = outcome;
        if (result.kind !== 'answered') throw new Error(`a user without a name was found: ${result.userId}`);
        return answerMade({ resource: { kind: 'user', id: result.userId }, response: result.response });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{user_id}/statement`,
      id: 'readStatement',
      tag: 'users',
      summary: "List the postings to a user's wallet, newest first",
      description:
        'Of the wallet in `currency`, or without one of the wallet that the user began with. Holds are not posted: they show as held until their payment ends, or they are captured or released.',
      params: z.object({ user_id: idText.meta({ example: 1 }) }),
      query: statementQuery({ currency: namedWalletField.optional() }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of the statement.',
          schema: statementSchema,
          example: statementExample,
          headers: { Link: nextPageHeader(`${PATH}/{user_id}/statement`, LIST) },
        },
      },
      problems: ['user-not-found', 'no-such-wallet', 'validation-failed'],
      async handle({ params: { user_id: userId }, query, request }) {
        const wallet = await requireWalletOf(knex, { userId, currency: query.currency });
        const filter = { walletId: wallet.walletId, ...toStatementFilter(query) };
        const page = await readStatement(lists, filter);
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: (line) => renderStatementLine(line, wallet.currency),
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{user_id}`,
      id: 'getUser',
      tag: 'users',
      summary: "Read a user's wallet",
      description: 'The wallet that the user began with.',
      params: z.object({ user_id: idText.meta({ example: 1 }) }),
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The user.', schema: userSchema, example: userExample } },
      problems: ['user-not-found', 'validation-failed'],
      async handle({ params }) {
        const user = await findUser(knex, params.user_id);
        if (!user) throw userNotFound(params.user_id);
        return { status: 200, body: renderUser(user) };
      },
    }),
  ];
}
