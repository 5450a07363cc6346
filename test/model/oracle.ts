import { createFeesOracle } from './fees-oracle.ts';
import { createPaymentsOracle } from './payments-oracle.ts';
import { createRefundsOracle } from './refunds-oracle.ts';
import {
  isOfWallet,
  type ModelHold,
  type ModelQuote,
  type ModelState,
  type ModelTransfer,
  type ModelUser,
  type WalletName,
} from './state.ts';
import { createWalletsOracle } from './wallets-oracle.ts';

export const leftOfHold = ({ amount, captured, released }: ModelHold) => amount - captured - released;
const holdKey = ({ userId, orderId }: Pick<ModelHold, 'userId' | 'orderId'>) => `${userId} ${orderId}`;

/**
 * What the service promises, kept in memory in the plainest way there is. It knows nothing of tables, batches, leases or
 * transactions; where the service and it differ, one of the two is wrong.
 */
export function createOracle(state: ModelState) {
  const { users, transfers, holds, quotes } = state;
  const payments = createPaymentsOracle(state);
  const held = (name: WalletName) =>
    [...holds.values()]
      .filter(isOfWallet(name))
      .reduce((sum, hold) => sum + leftOfHold(hold), payments.heldByPayments(name));
  const openQuotes = (userId: number) =>
    [...quotes.values()].filter(({ from, status }) => from.userId === userId && status === 'open');
  const wallets = createWalletsOracle(state, {
    held,
    hasOpen: (name) =>
      payments.isAnyOpen(name) ||
      openQuotes(name.userId).some(({ from, to }) => [from, to].some(isOfWallet(name))),
  });

  function endHold(hold: ModelHold, status: 'captured' | 'released' | 'expired'): void {
    hold.status = status;
    hold.released += leftOfHold(hold);
  }

  return {
    ...state,
    ...payments,
    ...createRefundsOracle(state),
    ...createFeesOracle(state),
    ...wallets,
    state,
    held,

    addUser({ posted, ...user }: ModelUser & { readonly posted: bigint }): void {
      users.set(user.id, user);
      const wallet = { userId: user.id, currency: user.currency };
      wallets.openWallet(wallet);
      wallets.post(wallet, posted);
    },

    transfer(made: ModelTransfer & { readonly gives: bigint; readonly gets: bigint }): void {
      wallets.post(made.from, -made.gives);
      wallets.post(made.to, made.gets);
      transfers.set(made.id, made);
    },

    findHold: (name: Pick<ModelHold, 'userId' | 'orderId'>) => holds.get(holdKey(name)),
    hold(wanted: Pick<ModelHold, 'userId' | 'orderId' | 'currency' | 'name' | 'amount'>): ModelHold {
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
      }: { readonly amount: bigint; readonly to: WalletName | null; readonly isFinal: boolean },
    ): void {
      wallets.post(hold, -amount);
      if (to) wallets.post(to, amount);
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
      wallets.post(quote.from, -quote.fromMinor);
      wallets.post(quote.to, quote.toMinor);
      Object.assign(quote, { status: 'used', conversionId });
    },
  };
}

export type Oracle = ReturnType<typeof createOracle>;

/** The same, with a memory of its own. */
export function forkOracle({ state }: Oracle): Oracle {
  return createOracle(structuredClone(state));
}
