import { decimal } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import type { WalletName } from '../state.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectProblem,
  expectUnkept,
  headersOf,
  judgeKeyed,
  pick,
  pickCurrency,
  pickUser,
} from './model-request.ts';

export interface TransferWish {
  readonly from: number;
  readonly to: number;
  readonly currency: number;
  readonly isToOtherCurrency: boolean;
  readonly amount: number;
  readonly isAroundBalance: boolean;
  readonly key: number | null;
}

/** Money between two wallets, which need not be there, and need not differ. */
export function transfer(wanted: TransferWish): Drawn {
  return (oracle) => {
    const from = drawWallet(oracle, { user: wanted.from, currency: wanted.currency });
    const { currency } = from;
    const toCurrency = wanted.isToOtherCurrency ? pickCurrency(wanted.currency) : currency;
    const to = {
      userId: chooseTaker(oracle, wanted.to, { ...from, currency: toCurrency }),
      currency: toCurrency,
    };
    const amount = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance,
      mostMinor: oracle.hasWallet(from) ? oracle.available(from) : 0n,
    });
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    return {
      kind: 'transfer',
      label: `transfer ${amount} ${currency} of user ${from.userId} to ${to.currency} of user ${to.userId}, key ${key}`,
      key,
      async send(real) {
        const [fromId, toId] = await Promise.all([from, to].map(real.walletIdOf));
        return await real.api.post(
          `/api/v1/wallets/${fromId}/transfer`,
          { to_wallet_id: toId, amount: decimal(amount, currency) },
          headersOf(key),
        );
      },
      judge(oracle, answer) {
        // Whose key it is is known only through the wallet that gives.
        if (!oracle.hasWallet(from)) return expectProblem(answer, 404, 'no-such-wallet');
        const request = `transfer ${amount} ${currency} to ${to.currency} of ${to.userId}`;
        judgeKeyed(oracle, answer, { key, scope: from.userId, request }, () => {
          if (!oracle.hasWallet(to)) return expectUnkept(answer, 404, 'no-such-wallet');
          if (from.userId === to.userId || from.currency !== to.currency)
            return expectUnkept(answer, 422, 'validation-failed', { errors: [{ field: 'to_wallet_id' }] });
          const available = oracle.available(from);
          if (amount > available) {
            expectProblem(answer, 422, 'transfer-not-funded', { available: decimal(available, currency) });
            return 'kept';
          }
          expect(answer).toMatchObject({
            status: 201,
            json: { user_id: from.userId, amount_minor: amount.toString(), currency },
          });
          oracle.transfer({ id: answer.json.transfer_id, from, to, amount });
          return 'kept';
        });
      },
    };
  };
}

/** Mostly another user who has such a wallet, where there is one. */
function chooseTaker(oracle: Oracle, number: number, { userId, currency }: WalletName): number {
  const others = [...oracle.wallets.values()].filter(
    (wallet) => wallet.currency === currency && wallet.userId !== userId,
  );
  return number % 5 === 0 || others.length === 0 ? pickUser(oracle, number) : pick(others, number).userId;
}
