import { CURRENCIES, type Currency, decimal, price } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import type { ModelQuote, WalletName } from '../state.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectNoWallet,
  expectProblem,
  expectRefused,
  pick,
  sayWallet,
} from './model-request.ts';

export const MAX_OPEN_QUOTES = 4;

export interface QuoteWish {
  readonly user: number;
  readonly from: number;
  readonly to: number;
  readonly side: 'from' | 'to';
  readonly amount: number;
  readonly isAroundBalance: boolean;
  /** The wallet that is to get the money is somebody else's. */
  readonly isForeign: boolean;
}

/** Asks what a conversion comes to. */
export function quote(wanted: QuoteWish): Drawn {
  return (oracle) => {
    const { side } = wanted;
    const from = drawWallet(oracle, { user: wanted.user, currency: wanted.from });
    const to = chooseTaker(oracle, wanted, from);
    const { userId } = from;
    const named: Currency = side === 'from' ? from.currency : to.currency;
    const amountMinor = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance && side === 'from',
      mostMinor: oracle.hasWallet(from) ? oracle.available(from) : 0n,
    });
    const body = {
      ...{ user_id: userId, from: from.currency, to: to.currency },
      [side === 'from' ? 'amount' : 'to_amount']: decimal(amountMinor, named),
    };
    // One without a name need not be said to be the one; another one must.
    const isSaid = (wallet: WalletName) =>
      wallet.name !== undefined || wallet.userId !== userId || wanted.amount % 4 === 0;
    return {
      kind: 'quote',
      label: `quote: ${sayWallet(from)} to ${sayWallet(to)}, ${side} ${amountMinor}`,
      key: null,
      async send(real) {
        const ids = {
          ...(isSaid(from) ? { from_wallet_id: await real.walletIdOf(from) } : {}),
          ...(isSaid(to) ? { to_wallet_id: await real.walletIdOf(to) } : {}),
        };
        return await real.api.post('/api/v1/currency/convert/preview', { ...body, ...ids });
      },
      judge(oracle, answer) {
        if (from.currency === to.currency) return expectProblem(answer, 422, 'same-currency');
        if (!oracle.hasWallet(from) || !oracle.hasWallet(to) || to.userId !== userId)
          return void expectNoWallet(answer);
        const ofGiver = oracle.refusesDebit(from);
        if (ofGiver) return void expectRefused(answer, ofGiver, 'from');
        const ofTaker = oracle.refusesCredit(to);
        if (ofTaker) return void expectRefused(answer, ofTaker, 'to');
        const priced = price({ from: from.currency, to: to.currency, side, amountMinor });
        if (priced.kind !== 'priced') return expectProblem(answer, 422, priced.kind);
        if (oracle.openQuotes(userId).length >= MAX_OPEN_QUOTES)
          return expectProblem(answer, 409, 'too-many-quotes');
        const { fromMinor, toMinor, spreadMinor } = priced;
        const offered: ModelQuote = {
          ...{ token: answer.json.quote_id, from, to, fromMinor, toMinor, spreadMinor },
          status: 'open',
          conversionId: null,
        };
        expect(answer).toMatchObject({ status: 200, json: renderQuote(offered) });
        oracle.offer(offered);
      },
    };
  };
}

/** Mostly another wallet of the user in another currency, where there is one. */
function chooseTaker(oracle: Oracle, wanted: QuoteWish, from: WalletName): WalletName {
  const others = [...oracle.wallets.values()].filter(
    ({ userId, currency }) => currency !== from.currency && (userId !== from.userId) === wanted.isForeign,
  );
  if (wanted.to % 6 === 0 || others.length === 0)
    return { userId: from.userId, currency: pick(CURRENCIES, wanted.to) };
  const { userId, currency, name } = pick(others, wanted.to);
  return { userId, currency, name };
}

/** A quote, and the conversion that it becomes, as its client sees them. */
export function renderQuote({ token, from, to, fromMinor, toMinor, spreadMinor }: ModelQuote) {
  return {
    quote_id: token,
    user_id: from.userId,
    from: from.currency,
    to: to.currency,
    amount_minor: fromMinor.toString(),
    to_amount_minor: toMinor.toString(),
    spread_minor: spreadMinor.toString(),
  };
}
