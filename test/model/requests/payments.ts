import { decimal } from '../currencies.ts';
import { sizeOf } from '../payments-oracle.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectInvalid,
  expectNoWallet,
  expectProblem,
  expectRefused,
  headersOf,
  keyOf,
  sayWallet,
} from './model-request.ts';

export interface PaymentWish {
  readonly type: 'deposit' | 'withdraw';
  readonly user: number;
  readonly currency: number;
  /** Minor units; for a withdrawal relative to what the wallet can just pay. */
  readonly amount: number;
  readonly isAroundBalance: boolean;
  /** The wallet is named by its id, as one with a name always is. */
  readonly isByWallet: boolean;
  readonly key: number | null;
}

export function pay(wanted: PaymentWish): Drawn {
  return (oracle) => {
    const { type } = wanted;
    const wallet = drawWallet(oracle, wanted);
    const { userId, currency } = wallet;
    const isByWallet = wanted.isByWallet || wallet.name !== undefined;
    const value = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance,
      mostMinor: oracle.hasWallet(wallet)
        ? oracle.largestOutOf('withdrawal', currency, oracle.available(wallet))
        : 0n,
    });
    const key = keyOf(wanted);
    const field = type === 'deposit' && (!isByWallet || value % 2n === 0n) ? 'deposit' : 'amount';
    const request = `${type} ${value} ${isByWallet ? `by wallet ${sayWallet(wallet)}` : currency}`;
    return {
      kind: type,
      label: `${type} ${value} ${sayWallet(wallet)}${isByWallet ? ' by its id' : ''}, key ${key}`,
      key,
      async send(real) {
        const amount = { [field]: decimal(value, currency), currency };
        if (!isByWallet)
          return await real.api.post(
            `/api/v1/payments/${type}`,
            { user_id: userId, ...amount },
            headersOf(key),
          );
        const id = await real.walletIdOf(wallet);
        return await real.api.post(`/api/v1/wallets/${id}/${type}`, amount, headersOf(key));
      },
      judge(oracle, answer) {
        if (isByWallet && !oracle.hasWallet(wallet)) return expectProblem(answer, 404, 'no-such-wallet');
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (!oracle.hasWallet(wallet)) return expectNoWallet(answer);
          const charged = oracle.chargeFor(type === 'deposit' ? 'deposit' : 'withdrawal', currency, value);
          if (!charged) return expectInvalid(answer, field);
          const refusal = type === 'deposit' ? oracle.refusesCredit(wallet) : oracle.refusesDebit(wallet);
          if (refusal) return expectRefused(answer, refusal, isByWallet ? 'wallet_id' : 'currency');
          const available = oracle.available(wallet);
          const isTaken = type === 'deposit' || charged.gives <= available;
          if (isTaken)
            expect(answer).toMatchObject({
              status: 202,
              json: { user_id: userId, status: 'processing', [type]: decimal(value, currency) },
            });
          else
            expectProblem(answer, 422, 'insufficient-funds', {
              needed: decimal(charged.gives, currency),
              available: decimal(available, currency),
              currency,
            });
          const id = answer.json.payment_id;
          oracle.addPayment({ ...wallet, id, type, amount: value, ...sizeOf(type, charged) }, { isTaken });
          return 'kept';
        });
      },
    };
  };
}
