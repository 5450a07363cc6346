import { decimal } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import { type WalletName, walletKey } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectInvalid,
  expectProblem,
  expectRefused,
  expectUnkept,
  headersOf,
  keyOf,
  pick,
  pickCurrency,
  pickUser,
  sayWallet,
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
    const to = chooseTaker(oracle, wanted.to, { ...from, currency: toCurrency });
    const amount = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance,
      mostMinor: oracle.hasWallet(from)
        ? oracle.largestOutOf('transfer', currency, oracle.available(from))
        : 0n,
    });
    const key = keyOf(wanted);
    const request = `transfer ${amount} from ${walletKey(from)} to ${walletKey(to)}`;
    return {
      kind: 'transfer',
      label: `transfer ${amount} ${sayWallet(from)} to ${sayWallet(to)}, key ${key}`,
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
        judgeKeyed(oracle, answer, { key, scope: from.userId, request }, () => {
          if (!oracle.hasWallet(to)) return expectUnkept(answer, 404, 'no-such-wallet');
          if (walletKey(from) === walletKey(to) || from.currency !== to.currency)
            return expectInvalid(answer, 'to_wallet_id');
          const charged = oracle.chargeFor('transfer', currency, amount);
          if (!charged) return expectInvalid(answer, 'amount');
          const ofTaker = oracle.refusesCredit(to);
          if (ofTaker) return expectRefused(answer, ofTaker, 'to_wallet_id');
          const ofGiver = oracle.refusesDebit(from);
          if (ofGiver) return expectRefused(answer, ofGiver, 'wallet_id');
          const available = oracle.available(from);
          const { fee, payer, gives, gets } = charged;
          if (gives > available) {
            expectProblem(answer, 422, 'transfer-not-funded', { available: decimal(available, currency) });
            return 'kept';
          }
          const json = { user_id: from.userId, amount_minor: `${amount}`, currency };
          expect(answer).toMatchObject({
            status: 201,
            json: { ...json, commission_minor: `${fee}`, fee_payer: payer },
          });
          oracle.transfer({ id: answer.json.transfer_id, from, to, amount, fee, payer, gives, gets });
          return 'kept';
        });
      },
    };
  };
}

/** Mostly another wallet in this currency, of whomever, where there is one. */
function chooseTaker(oracle: Oracle, number: number, from: WalletName): WalletName {
  const { currency } = from;
  const others = [...oracle.wallets.values()].filter(
    (wallet) => wallet.currency === currency && walletKey(wallet) !== walletKey(from),
  );
  if (number % 5 === 0 || others.length === 0) return { userId: pickUser(oracle, number), currency };
  const { userId, name } = pick(others, number);
  return { userId, currency, name };
}
