import type { ApiAnswer } from '../../support/api-server.ts';
import { decimal } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import { sizeOf } from '../payments-oracle.ts';
import type { UsedKey } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  expectInvalid,
  expectNoWallet,
  expectProblem,
  expectRefused,
  headersOf,
  keyOf,
  pick,
  pickCurrency,
} from './model-request.ts';
import { inAnyCase, nameOf, PLACES } from './other-names.ts';

const NOBODY = 'ffffffff-0000-4000-8000-000000000000';

export interface NamedDepositWish {
  readonly user: number;
  readonly place: number;
  readonly currency: number;
  readonly amount: number;
  readonly isDeposit: boolean;
  readonly key: number | null;
}

/** A deposit for whoever has a name, whose answer waits for its end. Nobody carries it out meanwhile, so that only a replay hears of one. */
export function depositByName(wanted: NamedDepositWish): Drawn {
  return (oracle) => {
    const users = [...oracle.users.values()];
    const user = wanted.user % 19 === 0 ? undefined : pick(users, wanted.user);
    const name = user ? nameOf(user) : NOBODY;
    const said = inAnyCase(name, wanted.user);
    const place = pick(PLACES, wanted.place);
    const currency = user && wanted.currency % 4 !== 0 ? user.currency : pickCurrency(wanted.currency);
    const amount = BigInt(wanted.amount);
    const field = wanted.isDeposit ? 'deposit' : 'amount';
    const key = keyOf(wanted);
    const about = { user_id: name, amount_minor: `${amount}`, currency };
    return {
      kind: 'deposit by name',
      label: `deposit ${amount} ${currency} of user ${said} (${place}), key ${key}`,
      key,
      send({ api }) {
        const path = {
          'path of accounts': `/api/v1/accounts/${said}/deposit`,
          header: '/api/v1/accounts/deposit',
          'path of wallets': `/api/wallet/${said}/deposit`,
        }[place];
        const headers = { ...headersOf(key), ...(place === 'header' ? { 'X-User-Id': `${said}` } : {}) };
        return api.post(path, { [field]: decimal(amount, currency), currency }, headers);
      },
      judge(oracle, answer) {
        if (!user) return expectProblem(answer, 404, 'user-not-found');
        const wallet = { userId: user.id, currency };
        const request = `deposit ${amount} ${currency} by ${place}`;
        const replay = (used: UsedKey) => expectAsItStands(oracle, answer, { used, about });
        judgeKeyed(oracle, answer, { key, scope: user.id, request, replay }, () => {
          if (!oracle.hasWallet(wallet)) return expectNoWallet(answer);
          const charged = oracle.chargeFor('deposit', currency, amount);
          if (!charged) return expectInvalid(answer, field);
          const refusal = oracle.refusesCredit(wallet);
          if (refusal) return expectRefused(answer, refusal, 'currency');
          expect(answer).toMatchObject({ status: 202, json: { ...about, status: 'processing' } });
          const paymentId = answer.json.payment_id;
          const type = 'deposit' as const;
          oracle.addPayment(
            { ...wallet, id: paymentId, type, amount, ...sizeOf(type, charged) },
            { isTaken: true },
          );
          return { paymentId };
        });
      },
    };
  };
}

/** A replay says how the deposit stands by then, or that it did not end while the answer could wait. */
function expectAsItStands(
  oracle: Oracle,
  answer: ApiAnswer,
  { used, about }: { readonly used: UsedKey; readonly about: object },
): void {
  const payment = used.paymentId === null ? undefined : oracle.payments.get(used.paymentId);
  if (!payment) return void expect([answer.status, answer.text]).toEqual([used.status, used.body]);
  const { id, status } = payment;
  if (answer.json.status === 'processing') expect(answer).toMatchObject({ status: 202, json: about });
  else if (status === 'failed') expectProblem(answer, 422, 'deposit-failed', { payment_id: id });
  else {
    const settled = status === 'success' ? { balance_minor: `${oracle.posted(payment)}` } : {};
    expect(answer).toMatchObject({
      status: status === 'success' ? 200 : 202,
      json: { ...about, payment_id: id, status, ...settled },
    });
  }
}
