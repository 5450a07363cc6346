import type { ApiAnswer } from '../../support/api-server.ts';
import type { Oracle } from '../oracle.ts';
import type { RealSystem } from '../real-system.ts';
import type { ModelUser } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import { type Drawn, expectNoWallet, headersOf, pick, pickCurrency } from './model-request.ts';

/** Where a call of another system says whose it is. */
export const PLACES = ['path of accounts', 'header', 'path of wallets'] as const;
/** Far above the numbers that are drawn; each run has a thousand of them. */
const CHOSEN_NUMBERS = 4_000_000_000;
/** Few, so that they meet. */
const NEW_NAMES = 3;

export interface NamedUserWish {
  /** Somebody who is there already, or a name that may be new. */
  readonly who: number;
  readonly isKnown: boolean;
  readonly place: number;
  readonly currency: number;
  readonly key: number | null;
}

/** Creates a user under a number or a UUID of the client's own; who is there already is the answer. */
export function createByName(wanted: NamedUserWish): Drawn {
  return (oracle, runName) => {
    const { isKnown, who } = wanted;
    const name = isKnown ? nameOf(pick([...oracle.users.values()], who)) : newName(runName, who);
    const said = inAnyCase(name, who);
    const place = pick(PLACES, wanted.place);
    const currency = pickCurrency(wanted.currency);
    const key = wanted.key === null ? null : `${runName}-user-${wanted.key}`;
    /** The number of a user with a UUID, which this answer does not have. */
    let userId = Number.NaN;
    return {
      kind: 'create user by name',
      label: `create user ${said} with a wallet in ${currency} (${place}), key ${key}`,
      key,
      async send(real) {
        const answer = await sendCreation(real, { place, said, currency, key });
        if (answer.status < 300) userId = (await real.api.get(`/api/v1/accounts/${said}`)).json.user_id;
        return answer;
      },
      judge(oracle, answer) {
        const request = `create ${name} ${currency} by ${place}`;
        judgeKeyed(oracle, answer, { key, scope: 'new users', request }, () => {
          const user = findByName(oracle, name);
          const wallet = { userId: user?.id ?? userId, currency };
          if (user && !oracle.hasWallet(wallet)) return expectNoWallet(answer);
          if (!user) {
            const externalId = typeof name === 'string' ? name : null;
            oracle.addUser({ id: userId, currency, externalId, posted: 0n });
          }
          expect(answer).toMatchObject({
            status: user ? 200 : 201,
            json: { user_id: nameOf(user ?? name), balance_minor: `${oracle.posted(wallet)}`, currency },
          });
          return 'kept';
        });
      },
    };
  };
}

async function sendCreation(
  { api }: RealSystem,
  {
    place,
    said,
    currency,
    key,
  }: {
    readonly place: (typeof PLACES)[number];
    readonly said: string | number;
    readonly currency: string;
    readonly key: string | null;
  },
): Promise<ApiAnswer> {
  const headers = headersOf(key);
  switch (place) {
    case 'path of accounts':
      return await api.post(`/api/v1/accounts/${said}`, { currency }, headers);
    case 'header':
      return await api.post('/api/v1/accounts', { currency }, { ...headers, 'X-User-Id': `${said}` });
    case 'path of wallets':
      return await api.post('/api/wallet/create', { user_id: said, currency }, headers);
  }
}

/** What the calls of other systems call a user. */
export function nameOf(user: Pick<ModelUser, 'id' | 'externalId'> | string | number): string | number {
  return typeof user === 'object' ? (user.externalId ?? user.id) : user;
}

function findByName({ users }: Oracle, name: string | number): ModelUser | undefined {
  return [...users.values()].find((user) => nameOf(user) === name || user.id === name);
}

function newName(runName: string, number: number): string | number {
  const [run, which] = [Number(runName.replace(/\D/g, '')), number % NEW_NAMES];
  if (number % 2 === 0) return CHOSEN_NUMBERS + run * 1000 + which;
  return `${run.toString(16).padStart(8, '0')}-aaaa-4bbb-8ccc-${which.toString().padStart(12, '0')}`;
}

/** A UUID is the same in upper and lower case. */
export function inAnyCase(name: string | number, number: number): string | number {
  return typeof name === 'string' && number % 3 === 0 ? name.toUpperCase() : name;
}
