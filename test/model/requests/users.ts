import { type Currency, decimal } from '../currencies.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  expectProblem,
  headersOf,
  keyOf,
  pick,
  pickCurrency,
  pickUser,
} from './model-request.ts';

/** Names of further wallets; few, so that they meet, and with spaces around them, which are none of the name. */
const NAMES = ['savings', 'rent', ' savings ', 'été'] as const;

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
        oracle.addUser({ id: answer.json.id, currency, externalId: null, posted: balance });
        return 'kept';
      });
    },
  } satisfies ReturnType<Drawn>;
}

interface OpenWish {
  readonly user: number;
  readonly currency: number;
  readonly key: number | null;
}

/** The one wallet of a user in a currency; asked for again, it is the answer. */
export function openWallet(wanted: OpenWish): Drawn {
  return (oracle) => {
    const wallet = { userId: pickUser(oracle, wanted.user), currency: pickCurrency(wanted.currency) };
    const { userId, currency } = wallet;
    const key = keyOf(wanted);
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
            json: {
              ...{ user_id: userId, currency, name: null, state: oracle.stateOf(wallet) },
              available: decimal(oracle.available(wallet), currency),
            },
          });
          return 'kept';
        });
      },
    };
  };
}

/** A further wallet, whose name is taken for ever. */
export function openNamedWallet(wanted: OpenWish & { readonly name: number }): Drawn {
  return (oracle) => {
    const [userId, currency] = [pickUser(oracle, wanted.user), pickCurrency(wanted.currency)];
    const sent = pick(NAMES, wanted.name);
    const wallet = { userId, currency, name: sent.trim() };
    const key = keyOf(wanted);
    return {
      kind: 'open wallet with a name',
      label: `open ${currency} of user ${userId} with the name ${sent}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post('/api/v1/wallets', { user_id: userId, currency, name: sent }, headersOf(key)),
      judge(oracle, answer) {
        const request = `open ${currency} ${wallet.name}`;
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (oracle.hasWallet(wallet)) expectProblem(answer, 409, 'wallet-name-taken');
          else {
            oracle.openWallet(wallet);
            expect(answer).toMatchObject({
              status: 201,
              json: { user_id: userId, currency, name: wallet.name, state: 'open', balance_minor: '0' },
            });
          }
          return 'kept';
        });
      },
    };
  };
}
