import type { WalletStateChange } from '../ledger/wallet-state-changes.sql.ts';
import type { Logger } from '../telemetry/logging.ts';

/** Logs what an operator did to a wallet, in the same form whether they used the API or the command line. */
export function logStateChange(
  log: Logger,
  { walletId, action, before, after, by, reason }: WalletStateChange & { readonly walletId: bigint },
): void {
  log.warn({
    event: 'wallet.state_changed',
    wallet_id: walletId.toString(),
    action,
    before,
    after,
    by,
    reason,
  });
}
