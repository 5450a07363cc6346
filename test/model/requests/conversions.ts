import { CURRENCIES, type Currency, decimal, price } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import type { ModelQuote } from '../state.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectProblem,
  headersOf,
  judgeKeyed,
  pick,
  pickCurrency,
  pickUser,
} from './model-request.ts';
import { expectNoWallet } from './users.ts';

export const MAX_OPEN_QUOTES = 4;
const NO_QUOTE = '00000000-0000-4000-8000-000000000000';

export interface QuoteWish {
  readonly user: number;
  readonly from: number;
  readonly to: number;
  readonly side: 'from' | 'to';
  readonly amount: number;
  readonly isAroundBalance: boolean;
}

/** Asks what a conversion comes to. */
export function quote(wanted: QuoteWish): Drawn {
  return (oracle) => {
    const { side } = wanted;
    const { userId, currency: from } = drawWallet(oracle, { user: wanted.user, currency: wanted.from });
    const others = CURRENCIES.filter(
      (currency) => currency !== from && oracle.hasWallet({ userId, currency }),
    );
    const to = wanted.to % 6 === 0 || others.length === 0 ? pickCurrency(wanted.to) : pick(others, wanted.to);
    const wallets = [from, to].map((currency) => ({ userId, currency }));
    const named: Currency = side === 'from' ? from : to;
    const amountMinor = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance && side === 'from',
      mostMinor: oracle.hasWallet({ userId, currency: from })
        ? oracle.available({ userId, currency: from })
        : 0n,
    });
    const field = side === 'from' ? 'amount' : 'to_amount';
    const body = { user_id: userId, from, to, [field]: decimal(amountMinor, named) };
    return {
      kind: 'quote',
      label: `quote for user ${userId}: ${from} to ${to}, ${side} ${amountMinor}`,
      key: null,
      send: ({ api }) => api.post('/api/v1/currency/convert/preview', body),
      judge(oracle, answer) {
        if (from === to) return expectProblem(answer, 422, 'same-currency');
        if (!wallets.every(oracle.hasWallet)) return void expectNoWallet(answer);
        const priced = price({ from, to, side, amountMinor });
        if (priced.kind !== 'priced') return expectProblem(answer, 422, priced.kind);
        if (oracle.openQuotes(userId).length >= MAX_OPEN_QUOTES)
          return expectProblem(answer, 409, 'too-many-quotes');
        const { fromMinor, toMinor, spreadMinor } = priced;
        const offered: ModelQuote = {
          ...{ token: answer.json.quote_id, userId, from, to, fromMinor, toMinor, spreadMinor },
          status: 'open',
          conversionId: null,
        };
        expect(answer).toMatchObject({ status: 200, json: renderQuote(offered) });
        oracle.offer(offered);
      },
    };
  };
}

export interface ConvertWish {
  readonly quote: number;
  /** Who says that the quote is theirs: its owner, whoever comes next, or nobody. */
  readonly by: 'owner' | 'somebody' | null;
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
    const userId =
      wanted.by === null
        ? null
        : wanted.by === 'owner' && chosen
          ? chosen.userId
          : pickUser(oracle, wanted.user);
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    return {
      kind: 'convert',
      label: `convert by quote ${token} of user ${chosen?.userId}, asked by ${userId}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post(
          '/api/v1/currency/convert/execute',
          { quote_id: token, ...(userId === null ? {} : { user_id: userId }) },
          headersOf(key),
        ),
      judge(oracle, answer) {
        const found = oracle.quotes.get(token);
        if (!found || (userId !== null && found.userId !== userId))
          // Whose key it is is known only where the user is named.
          return judgeKeyed(
            oracle,
            answer,
            { key: userId === null ? null : key, scope: `${userId}`, request: `convert ${token}` },
            () => {
              expectProblem(answer, 404, 'quote-not-found');
              return 'not kept';
            },
          );
        const { from, fromMinor } = found;
        judgeKeyed(oracle, answer, { key, scope: found.userId, request: `convert ${token}` }, () => {
          const available = oracle.available({ userId: found.userId, currency: from });
          if (found.status === 'used') expectProblem(answer, 409, 'quote-used');
          else if (found.status === 'expired') expectProblem(answer, 409, 'quote-expired');
          else if (fromMinor > available)
            expectProblem(answer, 422, 'conversion-not-funded', { available: decimal(available, from) });
          else {
            expect(answer).toMatchObject({ status: 201, json: renderQuote(found) });
            oracle.convert(found, answer.json.conversion_id);
          }
          return 'kept';
        });
      },
    };
  };
}

/** Where there is no quote to be used, most of those who would use one ask for one. */
function quoteFirst({ quote: number }: ConvertWish): Drawn {
  const side = number % 3 === 0 ? 'to' : 'from';
  return quote({
    user: number,
    from: number,
    to: number + 1,
    side,
    amount: 300 + number,
    isAroundBalance: false,
  });
}

/** Mostly one that can be used. */
function chooseQuote({ quotes }: Oracle, number: number): ModelQuote | undefined {
  const all = [...quotes.values()];
  const open = all.filter(({ status }) => status === 'open');
  const among = number % 6 === 0 || open.length === 0 ? all : open;
  return among.length === 0 ? undefined : pick(among, number);
}

/** A quote, and the conversion that it becomes, as its client sees them. */
export function renderQuote({ token, userId, from, to, fromMinor, toMinor, spreadMinor }: ModelQuote) {
  return {
    quote_id: token,
    user_id: userId,
    from,
    to,
    amount_minor: fromMinor.toString(),
    to_amount_minor: toMinor.toString(),
    spread_minor: spreadMinor.toString(),
  };
}
