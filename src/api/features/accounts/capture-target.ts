import type { CaptureTarget } from '../../../order-holds/decide-resolution.ts';
import type { UserName } from '../../../wallets/user-name.ts';
import type { WalletIdentity } from '../../../wallets/wallet.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { requireUserId } from '../other-names/find-named-user.ts';
import { requireWalletIdentity } from '../wallets/find-wallet.ts';

/** Members of which at most one says where captured money goes. */
export const EXCLUDING_TARGETS = [
  ['to', 'to_user_id'],
  ['to', 'to_wallet_id'],
  ['to_user_id', 'to_wallet_id'],
] as const;

interface NamedTarget {
  readonly to?: 'sales' | undefined;
  readonly to_user_id?: UserName | undefined;
  readonly to_wallet_id?: bigint | undefined;
}

/** A target as it was read: a wallet that was named has its currency. */
type ReadTarget = Exclude<CaptureTarget, { kind: 'user' }> | UserTarget;
interface UserTarget {
  readonly kind: 'user';
  readonly userId: bigint;
  readonly wallet?: WalletIdentity;
}

/**
 * Reads where captured money goes.
 * @param userId whose money it is: nobody captures money for themselves.
 * @throws Problem where there is no such target.
 */
export async function readCaptureTarget(
  context: Pick<ApiContext, 'knex' | 'lookups'>,
  userId: bigint,
  named: NamedTarget,
): Promise<ReadTarget> {
  requireOneTarget(named);
  const { to_user_id: userName, to_wallet_id: walletId } = named;
  if (userName !== undefined) {
    const toUserId = await requireUserId(context.knex, { name: userName, field: 'to_user_id' });
    if (toUserId === userId)
      throw unfit('to_user_id', 'must be another user than the one whose money is held');
    return { kind: 'user', userId: toUserId };
  }
  if (walletId === undefined) return { kind: 'sales' };
  const wallet = await requireWalletIdentity(context, walletId, 'to_wallet_id');
  if (wallet.userId === userId)
    throw unfit('to_wallet_id', 'must be a wallet of another user than the one whose money is held');
  return { kind: 'user', userId: wallet.userId, wallet };
}

/** @throws Problem where a wallet was named that is not in the currency of the hold. */
export function requireTargetIn(currency: string, target: ReadTarget): void {
  if (target.kind === 'sales' || !target.wallet || target.wallet.currency === currency) return;
  const { walletId, currency: other } = target.wallet;
  throw unfit('to_wallet_id', `must be a wallet in ${currency}, and wallet ${walletId} is one in ${other}`);
}

function requireOneTarget(named: NamedTarget): void {
  for (const [first, second] of EXCLUDING_TARGETS)
    if (named[first] !== undefined && named[second] !== undefined)
      throw unfit(first, `must not be given beside ${second}`);
}

/** A target as a fingerprint has it. A wallet without a name is the one that is meant where its user is named. */
export function sayTarget(target: CaptureTarget): string {
  if (target.kind === 'sales') return 'sales';
  const { userId, wallet } = target;
  return wallet && wallet.name !== '' ? `wallet ${wallet.walletId}` : `user ${userId}`;
}

function unfit(field: string, message: string): Problem {
  return new Problem('validation-failed', { detail: `${field} ${message}.`, errors: [{ field, message }] });
}
