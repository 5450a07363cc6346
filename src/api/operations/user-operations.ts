import { z } from 'zod';
import { createUser } from '../../payments/create-user.ts';
import { findUser } from '../../payments/read-users.sql.ts';
import type { ApiContext } from '../api-context.ts';
import { readIdempotencyClaim } from '../idempotency-key.ts';
import { keyProblem } from '../key-problem.ts';
import { defineOperation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { renderUser } from '../render.ts';
import { userSchema } from '../schemas/answers.ts';
import { amountField, idText } from '../schemas/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED, userExample } from './examples.ts';

const PATH = '/api/v1/users';
const userPath = (userId: bigint) => `${PATH}/${userId}`;

export function userOperations({ config, pool, knex, metrics }: ApiContext) {
  const currency = config.DEFAULT_CURRENCY;
  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'createUser',
      tag: 'users',
      summary: 'Create a user with a wallet',
      description: 'The opening balance comes from equity.',
      body: z.strictObject({ balance: amountField({ currency, least: 0n }).optional() }),
      bodyExample: { balance: 1000 },
      takesIdempotencyKey: true,
      movesMoney: true,
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
        const outcome = await createUser(pool, {
          openingBalanceMinor: body.balance ?? 0n,
          currency,
          responseTtlMs: config.IDEMPOTENCY_RESPONSE_TTL_DAYS,
          idempotency: readIdempotencyClaim(request, { route: PATH, isRequired: false }),
          renderResponse: (user) => ({ status: 201, body: JSON.stringify(renderUser(user)) }),
        });
        if (outcome.kind !== 'answered') {
          if (outcome.kind === 'key_reused') metrics.conflicts.inc();
          throw keyProblem(outcome, { kind: 'user', pathOf: userPath });
        }
        if (outcome.isReplay) metrics.replays.inc();
        return {
          ...outcome.response,
          headers: {
            Location: userPath(outcome.userId),
            ...(outcome.isReplay ? { 'Idempotency-Replayed': 'true' } : {}),
          },
        };
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{user_id}`,
      id: 'getUser',
      tag: 'users',
      summary: "Read a user's wallet",
      params: z.object({ user_id: idText.meta({ example: 1 }) }),
      answers: { 200: { description: 'The user.', schema: userSchema, example: userExample } },
      problems: ['user-not-found', 'validation-failed'],
      async handle({ params }) {
        const user = await findUser(knex, params.user_id);
        if (!user) throw new Problem('user-not-found', { detail: `There is no user ${params.user_id}.` });
        return { status: 200, body: renderUser(user) };
      },
    }),
  ];
}
