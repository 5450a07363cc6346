import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation, type Operation } from '../../server/operation.ts';
import { DEPOSIT_ANSWERS, DEPOSIT_PROBLEMS, depositAndWait } from './deposit-and-wait.ts';
import { depositBody, depositedAmount } from './deposit-body.ts';
import type { OtherName } from './other-name.ts';
import { describeUserPlace, readUserPlace, type UserPlace } from './user-place.ts';

/** A call that deposits for the user whom the path or a header names. */
export function depositOperation(
  context: ApiContext,
  { user, ...name }: OtherName & { readonly user: UserPlace },
): Operation {
  const { described, problems } = describeUserPlace(user, { use: 'find' });
  return defineOperation({
    ...name,
    ...described,
    ...depositBody({ fallback: context.config.payments.currency }),
    method: 'post',
    description:
      'The deposit is accepted as any other, and the answer waits until it is settled, for a few seconds at most. Name the amount in one of the two members.',
    bodyExample: { amount: 200 },
    takesIdempotencyKey: true,
    movesMoney: true,
    access: 'anyone',
    answers: DEPOSIT_ANSWERS,
    problems: [...problems, ...DEPOSIT_PROBLEMS],
    handle: ({ params, body, request }) =>
      depositAndWait(context, request, {
        route: name.path,
        user: readUserPlace(user, { params, request }, { use: 'find' }),
        ...depositedAmount(body),
        currency: body.currency,
      }),
  });
}
