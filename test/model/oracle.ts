import type { Currency } from './currencies.ts';
import { createPaymentsOracle } from './payments-oracle.ts';
import {
  emptyState,
  isOfWallet,
  type ModelHold,
  type ModelQuote,
  type ModelState,
  type ModelTransfer,
  type ModelWallet,
  type WalletName,
  walletKey,
} from './state.ts';

export const leftOfHold = ({ amount, captured, released }: ModelHold) => amount - captured - released;
const holdKey = ({ userId, orderId }: Pick<ModelHold, 'userId' | 'orderId'>) => `${userId} ${orderId}`;

/**
 * What the service promises, kept in memory in the plainest way there is. It knows nothing of tables, batches, leases or
 * transactions; where the service and it differ, one of the two is wrong.
 */
export function createOracle(state: ModelState = emptyState()) {
  const { users, wallets, transfers, holds, quotes } = state;
  const payments = createPaymentsOracle(state);
  const wallet = (name: WalletName) => wallets.get(walletKey(name)) as ModelWallet;

  const held = (name: WalletName) =>
    [...holds.values()]
      .filter(isOfWallet(name))
      .reduce((sum, hold) => sum + leftOfHold(hold), payments.heldByPayments(name));

  function openWallet({ userId, currency }: WalletName): void {
    wallets.set(walletKey({ userId, currency }), { userId, currency, posted: 0n });
  }

  function endHold(hold: ModelHold, status: 'captured' | 'released' | 'expired'): void {
    hold.status = status;
    hold.released += leftOfHold(hold);
  }

  const openQuotes = (userId: number) =>
    [...quotes.values()].filter((quote) => quote.userId === userId && quote.status === 'open');

  return {
    ...state,
    ...payments,
    state,
    held,
    hasWallet: (name: WalletName) => wallets.has(walletKey(name)),
    available: (name: WalletName) => wallet(name).posted - held(name),

    addUser(id: number, currency: Currency, posted: bigint): void {
      users.set(id, { id, currency });
      openWallet({ userId: id, currency });
      wallet({ userId: id, currency }).posted = posted;
    },
    openWallet,

    transfer(made: ModelTransfer): void {
      wallet(made.from).posted -= made.amount;
      wallet(made.to).posted += made.amount;
      transfers.set(made.id, made);
    },

    findHold: (name: Pick<ModelHold, 'userId' | 'orderId'>) => holds.get(holdKey(name)),
    hold(wanted: Pick<ModelHold, 'userId' | 'orderId' | 'currency' | 'amount'>): ModelHold {
      const placed: ModelHold = { ...wanted, captured: 0n, released: 0n, status: 'open', isOver: false };
      holds.set(holdKey(placed), placed);
      return placed;
    },
    /** @param to who gets it; null for the house's own sales. */
    capture(
      hold: ModelHold,
      {
        amount,
        to,
        isFinal,
      }: { readonly amount: bigint; readonly to: number | null; readonly isFinal: boolean },
    ): void {
      wallet(hold).posted -= amount;
      if (to !== null) wallet({ userId: to, currency: hold.currency }).posted += amount;
      hold.captured += amount;
      if (isFinal || leftOfHold(hold) === 0n) endHold(hold, 'captured');
    },
    release: (hold: ModelHold) => endHold(hold, 'released'),
    /** The time of a user's holds is over, and nobody has looked yet. */
    letHoldsRunOut(userId: number): void {
      for (const hold of holds.values())
        if (hold.userId === userId && hold.status === 'open') hold.isOver = true;
    },
    sweepHolds(): void {
      for (const hold of holds.values()) if (hold.status === 'open' && hold.isOver) endHold(hold, 'expired');
    },

    openQuotes,
    offer: (quote: ModelQuote) => void quotes.set(quote.token, quote),
    letQuotesRunOut(userId: number): void {
      for (const quote of openQuotes(userId)) quote.status = 'expired';
    },
    convert(quote: ModelQuote, conversionId: number): void {
      const { userId, from, to, fromMinor, toMinor } = quote;
      wallet({ userId, currency: from }).posted -= fromMinor;
      wallet({ userId, currency: to }).posted += toMinor;
      Object.assign(quote, { status: 'used', conversionId });
    },
  };
}

export type Oracle = ReturnType<typeof createOracle>;

/** The same, with a memory of its own. */
export function forkOracle({ state }: Oracle): Oracle {
  return createOracle(structuredClone(state));
}
