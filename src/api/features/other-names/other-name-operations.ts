import { accountPath } from '../../describe/resource-paths.ts';
import type { ApiContext } from '../../server/api-context.ts';
import type { Operation } from '../../server/operation.ts';
import { createInBodyOperation, createOperation } from './create-operation.ts';
import { depositOperation } from './deposit-operation.ts';
import { readOperation } from './read-operation.ts';

const ACCOUNTS = '/api/v1/accounts';
const walletPath = (user: string) => `/api/wallet/${user}`;
const tag = 'Names of other systems';

/**
 * What other systems of this kind call our operations, kept so that their clients work unchanged (docs/other-names.md). A path that names
 * no user comes before the one that would take its last word for a user.
 */
export function otherNameOperations(context: ApiContext): Operation[] {
  return [
    createOperation(context, {
      path: ACCOUNTS,
      id: 'createAccountOfHeader',
      tag,
      summary: 'Create the user whom X-User-Id names, with an empty wallet',
      user: 'header',
      pathOf: accountPath,
    }),
    depositOperation(context, {
      path: `${ACCOUNTS}/deposit`,
      id: 'depositForHeader',
      tag,
      summary: 'Deposit for the user whom X-User-Id names, and wait until it is settled',
      user: 'header',
    }),
    readOperation(context, {
      path: `${ACCOUNTS}/balance`,
      id: 'readBalanceOfHeader',
      tag,
      summary: 'Read the balance of the user whom X-User-Id names',
      user: 'header',
    }),
    createOperation(context, {
      path: accountPath('{user_id}'),
      id: 'createAccount',
      tag,
      summary: 'Create a user under a number or a UUID of your own, with an empty wallet',
      user: 'path',
      pathOf: accountPath,
    }),
    depositOperation(context, {
      path: `${accountPath('{user_id}')}/deposit`,
      id: 'depositToAccount',
      tag,
      summary: 'Deposit to an account, and wait until it is settled',
      user: 'path',
    }),
    createInBodyOperation(context, {
      path: walletPath('create'),
      id: 'createSingleWallet',
      tag,
      summary: 'Create a user with an empty wallet',
      pathOf: walletPath,
    }),
    depositOperation(context, {
      path: walletPath('{user_id}/deposit'),
      id: 'depositToSingleWallet',
      tag,
      summary: "Deposit to a user's wallet, and wait until it is settled",
      user: 'path',
    }),
    readOperation(context, {
      path: walletPath('{user_id}'),
      id: 'readSingleWallet',
      tag,
      summary: "Read a user's wallet",
      user: 'path',
    }),
  ];
}
