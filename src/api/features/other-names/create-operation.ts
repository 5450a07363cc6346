import { z } from 'zod';
import { currencyField } from '../../describe/currency-field.ts';
import { userNameField } from '../../describe/user-name-field.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation, type Operation } from '../../server/operation.ts';
import { CREATE_PROBLEMS, createAnswers, createNamedUser } from './create-named-user.ts';
import type { OtherName } from './other-name.ts';
import { describeUserPlace, readUserPlace, type UserPlace } from './user-place.ts';

interface CreateName extends OtherName {
  /** Where the wallet of a user is read. */
  readonly pathOf: (user: string) => string;
}

/** A call that creates the user whom the path or a header names. */
export function createOperation(
  context: ApiContext,
  { pathOf, user, ...name }: CreateName & { readonly user: UserPlace },
): Operation {
  const { described, problems } = describeUserPlace(user, { use: 'create' });
  return defineOperation({
    ...name,
    ...common(pathOf),
    ...described,
    method: 'post',
    description: 'A user who exists is the answer.',
    body: z.strictObject({ currency: walletCurrency(context) }),
    bodyExample: {},
    problems: [...problems, ...CREATE_PROBLEMS],
    handle: ({ params, body: { currency }, request }) =>
      createNamedUser(context, request, {
        route: name.path,
        name: readUserPlace(user, { params, request }, { use: 'create' }).name,
        currency,
        pathOf,
      }),
  });
}

/** A call that creates the user whom the body names, or another one each time if it names none. */
export function createInBodyOperation(context: ApiContext, { pathOf, ...name }: CreateName): Operation {
  return defineOperation({
    ...name,
    ...common(pathOf),
    method: 'post',
    description:
      'With `user_id`, the user is created once, and is the answer afterwards. Without it, each request creates a user, who gets a number.',
    body: z.strictObject({
      user_id: userNameField({ use: 'create' }).optional(),
      currency: walletCurrency(context),
    }),
    bodyExample: { user_id: 1 },
    problems: CREATE_PROBLEMS,
    handle: ({ body: { user_id: user = null, currency }, request }) =>
      createNamedUser(context, request, { route: name.path, name: user, currency, pathOf }),
  });
}

function common(pathOf: CreateName['pathOf']) {
  return {
    takesIdempotencyKey: true,
    movesMoney: true,
    access: 'anyone' as const,
    answers: createAnswers(pathOf('1')),
  };
}

function walletCurrency({ config }: ApiContext) {
  return currencyField({ fallback: config.payments.currency, isForWallets: true });
}
