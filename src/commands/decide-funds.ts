import { strict as assert } from 'node:assert';
import { decideDebit, type StateRefusal } from '../ledger/decide-wallet-state.ts';
import type { Funds } from './funds.ts';

export type FundsDecision =
  | { readonly kind: 'taken' }
  | { readonly kind: 'insufficient_funds'; readonly neededMinor: bigint; readonly availableMinor: bigint }
  | StateRefusal;

/**
 * Takes what a command needs from its wallet, if the wallet lets money go and has that much left; otherwise takes nothing and says why. A
 * command that needs nothing needs no wallet. Pure, except that it changes `funds`.
 */
export function decideFunds(
  funds: Funds,
  { walletId, neededMinor }: { readonly walletId: bigint; readonly neededMinor: bigint },
): FundsDecision {
  assert(neededMinor >= 0n, 'a command that gives a wallet money needs none of it');
  if (neededMinor === 0n) return { kind: 'taken' };
  const refusal = decideDebit({ walletId, state: funds.stateOf(walletId) });
  if (refusal) return refusal;
  const availableMinor = funds.availableMinor(walletId);
  if (availableMinor < neededMinor) return { kind: 'insufficient_funds', neededMinor, availableMinor };
  funds.take(walletId, neededMinor);
  return { kind: 'taken' };
}
