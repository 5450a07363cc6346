import { type Currency, decimal } from '../currencies.ts';
import { type Drawn, expectProblem, headersOf, judgeKeyed, pickCurrency, pickUser } from './model-request.ts';

export function createUser(wanted: {
  readonly balance: number;
  readonly currency: number;
  readonly key: number | null;
}): Drawn {
  return (_oracle, runName) => {
    const currency = pickCurrency(wanted.currency);
    return userWith({
      balance: BigInt(wanted.balance),
      currency,
      // Keys of users that do not exist yet share one scope, so each run has its own.
      key: wanted.key === null ? null : `${runName}-user-${wanted.key}`,
    });
  };
}

/** A user who begins with so much. */
export function userWith({
  balance,
  currency,
  key,
}: {
  readonly balance: bigint;
  readonly currency: Currency;
  readonly key: string | null;
}) {
  const request = `create ${balance} ${currency}`;
  return {
    kind: 'create user' as const,
    label: `create user with ${balance} ${currency}, key ${key}`,
    key,
    send: ({ api }) =>
      api.post('/api/v1/users', { balance: decimal(balance, currency), currency }, headersOf(key)),
    judge(oracle, answer) {
      judgeKeyed(oracle, answer, { key, scope: 'new users', request }, () => {
        const amount = decimal(balance, currency);
        expect(answer).toMatchObject({ status: 201, json: { balance: amount, available: amount, currency } });
        oracle.addUser(answer.json.id, currency, balance);
        return 'kept';
      });
    },
  } satisfies ReturnType<Drawn>;
}

export function openWallet(wanted: {
  readonly user: number;
  readonly currency: number;
  readonly key: number | null;
}): Drawn {
  return (oracle) => {
    const wallet = { userId: pickUser(oracle, wanted.user), currency: pickCurrency(wanted.currency) };
    const { userId, currency } = wallet;
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    return {
      kind: 'open wallet',
      label: `open ${currency} of user ${userId}, key ${key}`,
      key,
      send: ({ api }) => api.post(`/api/v1/users/${userId}/wallets`, { currency }, headersOf(key)),
      judge(oracle, answer) {
        judgeKeyed(oracle, answer, { key, scope: userId, request: `open ${currency}` }, () => {
          const isThere = oracle.hasWallet(wallet);
          if (!isThere) oracle.openWallet(wallet);
          expect(answer).toMatchObject({
            status: isThere ? 200 : 201,
            json: { user_id: userId, currency, available: decimal(oracle.available(wallet), currency) },
          });
          return 'kept';
        });
      },
    };
  };
}

/** What is answered where a payment, a hold or a conversion needs a wallet that is not there. */
export function expectNoWallet(answer: Parameters<typeof expectProblem>[0]): 'not kept' {
  expectProblem(answer, 409, 'wallet-not-found');
  return 'not kept';
}
