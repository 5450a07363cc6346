import { decimal } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import { type ModelQuote, walletKey } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  expectProblem,
  expectRefused,
  headersOf,
  keyOf,
  pick,
  pickUser,
  sayWallet,
} from './model-request.ts';
import { quote, renderQuote } from './quotes.ts';

const NO_QUOTE = '00000000-0000-4000-8000-000000000000';

export interface ConvertWish {
  readonly quote: number;
  /** Who says that the quote is theirs: its owner, whoever comes next, nobody; or the wallet that gives, or another one. */
  readonly by: 'owner' | 'somebody' | 'wallet' | 'another wallet' | null;
  readonly user: number;
  readonly key: number | null;
}

/** Takes a quote, which may have been used, have expired, be somebody else's, or never have been. */
export function convert(wanted: ConvertWish): Drawn {
  return (oracle, runName) => {
    const isAnyOpen = [...oracle.quotes.values()].some(({ status }) => status === 'open');
    if (!isAnyOpen && wanted.quote % 4 !== 0) return quoteFirst(wanted)(oracle, runName);
    const chosen = chooseQuote(oracle, wanted.quote);
    const token = chosen?.token ?? NO_QUOTE;
    const asked = wanted.by === 'wallet' || wanted.by === 'another wallet' ? byWallet : byUser;
    const { said, request, scope, send, isMeant } = asked(oracle, wanted, chosen);
    const key = keyOf(wanted);
    return {
      kind: 'convert',
      label: `convert by quote ${token} of user ${chosen?.from.userId}, asked by ${said}, key ${key}`,
      key,
      send: (real) => send(real, token, headersOf(key)),
      judge(oracle, answer) {
        const found = oracle.quotes.get(token);
        if (!found || !isMeant(found))
          // Whose key it is is known only where a user or a wallet is named.
          return judgeKeyed(
            oracle,
            answer,
            { key: scope === null ? null : key, scope: `${scope}`, request: `${request} ${token}` },
            () => {
              expectProblem(answer, 404, 'quote-not-found');
              return 'not kept';
            },
          );
        const { from, to, fromMinor } = found;
        judgeKeyed(oracle, answer, { key, scope: from.userId, request: `${request} ${token}` }, () => {
          if (found.status === 'used') expectProblem(answer, 409, 'quote-used');
          else if (found.status === 'expired') expectProblem(answer, 409, 'quote-expired');
          else {
            const refusal = oracle.refusesCredit(to) ?? oracle.refusesDebit(from);
            const available = oracle.available(from);
            if (refusal) return expectRefused(answer, refusal, 'quote_id');
            if (fromMinor > available) {
              const said = { available: decimal(available, from.currency) };
              expectProblem(answer, 422, 'conversion-not-funded', said);
            } else {
              expect(answer).toMatchObject({ status: 201, json: renderQuote(found) });
              oracle.convert(found, answer.json.conversion_id);
            }
          }
          return 'kept';
        });
      },
    };
  };
}

type Send = Parameters<ReturnType<Drawn>['send']>[0];
interface Asked {
  readonly said: string;
  /** What the key of a request is used for, but for the quote. */
  readonly request: string;
  /** Whose keys they are, where it is known. */
  readonly scope: number | null;
  readonly send: (
    real: Send,
    token: string,
    headers: Record<string, string>,
  ) => ReturnType<ReturnType<Drawn>['send']>;
  readonly isMeant: (quote: ModelQuote) => boolean;
}

function byUser(oracle: Oracle, wanted: ConvertWish, chosen: ModelQuote | undefined): Asked {
  const owner = wanted.by === 'owner' ? chosen?.from.userId : undefined;
  const userId = wanted.by === null ? null : (owner ?? pickUser(oracle, wanted.user));
  return {
    said: `user ${userId}`,
    request: 'convert',
    scope: userId,
    send: ({ api }, token, headers) =>
      api.post(
        '/api/v1/currency/convert/execute',
        { quote_id: token, ...(userId === null ? {} : { user_id: userId }) },
        headers,
      ),
    isMeant: ({ from }) => userId === null || from.userId === userId,
  };
}

function byWallet(oracle: Oracle, wanted: ConvertWish, chosen: ModelQuote | undefined): Asked {
  const giving = wanted.by === 'wallet' ? chosen?.from : undefined;
  const wallet = giving ?? pick([...oracle.wallets.values()], wanted.user);
  return {
    said: `wallet ${sayWallet(wallet)}`,
    request: `convert from ${walletKey(wallet)}`,
    scope: wallet.userId,
    async send(real, token, headers) {
      const id = await real.walletIdOf(wallet);
      return await real.api.post(`/api/v1/wallets/${id}/convert`, { quote_id: token }, headers);
    },
    isMeant: ({ from }) => walletKey(from) === walletKey(wallet),
  };
}

/** Where there is no quote to be used, most of those who would use one ask for one. */
function quoteFirst({ quote: number }: ConvertWish): Drawn {
  const side = number % 3 === 0 ? 'to' : 'from';
  return quote({
    ...{ user: number, from: number, to: number + 1, side, amount: 300 + number },
    ...{ isAroundBalance: false, isForeign: false },
  });
}

/** Mostly one that can be used. */
function chooseQuote({ quotes }: Oracle, number: number): ModelQuote | undefined {
  const all = [...quotes.values()];
  const open = all.filter(({ status }) => status === 'open');
  const among = number % 6 === 0 || open.length === 0 ? all : open;
  return among.length === 0 ? undefined : pick(among, number);
}
