import type { Oracle } from '../oracle.ts';
import type { ModelWallet, StateAction, WalletName } from '../state.ts';
import { type Drawn, expectProblem, pick, pickCurrency, pickUser, sayWallet } from './model-request.ts';

/** Freezes a wallet, opens it again or closes it, mostly where that can be done. */
export function changeState(action: StateAction, number: number): Drawn {
  return (oracle) => {
    const wallet = chooseWallet(oracle, action, number);
    return {
      kind: action,
      label: `${action} ${sayWallet(wallet)}`,
      key: null,
      async send(real) {
        const id = await real.walletIdOf(wallet);
        return await real.api.post(`/api/v1/wallets/${id}/${action}`, { by: 'model', reason: 'because' });
      },
      judge(oracle, answer) {
        if (!oracle.hasWallet(wallet)) return expectProblem(answer, 404, 'no-such-wallet');
        const done = oracle.changeState(wallet, action);
        if (done !== 'done') return expectProblem(answer, 409, done);
        expect(answer).toMatchObject({
          status: 200,
          json: { state: oracle.stateOf(wallet), history: renderChanges(oracle, wallet) },
        });
      },
    };
  };
}

/** What became of the state of a wallet, newest first. */
export function renderChanges(oracle: Oracle, wallet: WalletName) {
  return oracle.changesOf(wallet).toReversed();
}

function chooseWallet(oracle: Oracle, action: StateAction, number: number): WalletName {
  if (number % 11 === 0) return { userId: pickUser(oracle, number), currency: pickCurrency(number) };
  const all = [...oracle.wallets.values()];
  const fitting = all.filter((wallet) => isFitting(oracle, action, wallet));
  const { userId, currency, name } = pick(number % 4 === 0 || fitting.length === 0 ? all : fitting, number);
  return { userId, currency, name };
}

function isFitting(oracle: Oracle, action: StateAction, wallet: ModelWallet): boolean {
  if (action === 'unfreeze') return wallet.state === 'frozen';
  if (action === 'freeze') return wallet.state === 'open' && wallet.posted > 0n;
  return wallet.state !== 'closed' && wallet.posted === 0n && oracle.held(wallet) === 0n;
}
