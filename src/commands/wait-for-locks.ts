import { askAgain } from '../background/ask-again.ts';
import { aroundJitter } from '../background/backoff.ts';
import type { WalletName } from './command-kind.ts';
import type { ApartResult } from './execute-apart.ts';

const PAUSES = { baseMs: 25, maxMs: 250, jitter: aroundJitter };

/** Retries commands whose rows are locked by another transaction, and remembers their wallets. */
export function createLockWait<Request, Result>({
  fundsOf,
  patienceMs,
  tryAgain,
}: {
  readonly fundsOf: (request: Request) => WalletName | null;
  readonly patienceMs: number;
  readonly tryAgain: (request: Request) => Promise<ApartResult<Result>>;
}) {
  /** How many commands wait for each locked wallet, so that further commands for it need not delay a batch to find out. */
  const lockedWallets = new Map<string, number>();
  const walletOf = (request: Request): string | null => {
    const wallet = fundsOf(request);
    if (!wallet) return null;
    return 'walletId' in wallet
      ? `${wallet.walletId}`
      : `${wallet.userId} ${wallet.currency} ${wallet.name ?? ''}`;
  };
  const count = (wallet: string, change: 1 | -1) => {
    const waiting = (lockedWallets.get(wallet) ?? 0) + change;
    if (waiting > 0) lockedWallets.set(wallet, waiting);
    else lockedWallets.delete(wallet);
  };

  return {
    /** Whether other commands are waiting for this command's wallet. */
    isExpected(request: Request): boolean {
      if (lockedWallets.size === 0) return false;
      const wallet = walletOf(request);
      return wallet !== null && lockedWallets.has(wallet);
    },
    /** Retries a command until its rows are unlocked, for at most the lock wait. */
    async wait(
      request: Request,
      first: Extract<ApartResult<Result>, { kind: 'locked' }>,
    ): Promise<ApartResult<Result>> {
      const wallet = first.row === 'wallet' ? walletOf(request) : null;
      if (wallet !== null) count(wallet, 1);
      try {
        return await askAgain<ApartResult<Result>>(first, () => tryAgain(request), {
          mustWait: ({ kind }) => kind === 'locked',
          pauses: PAUSES,
          forMs: patienceMs,
        });
      } finally {
        if (wallet !== null) count(wallet, -1);
      }
    },
  };
}
