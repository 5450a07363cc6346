import type { Violation } from '../violation.ts';
import type { TransferFacts } from './transfer-facts.sql.ts';

/** I5: a transfer that a client was told of was posted once, to both wallets, with its amount in its currency. */
export function decideTransfer(transfer: TransferFacts): Violation[] {
  const faults = findFaults(transfer);
  if (faults.length === 0) return [];
  const detail = faults.join('; ');
  const subject = `transfer:${transfer.transferId}`;
  return [{ rule: 'transfer_is_posted', subject, fingerprint: detail, detail }];
}

function findFaults(transfer: TransferFacts): string[] {
  const { amountMinor, currency, postCount, otherStepCount, fromPostedMinor, toPostedMinor } = transfer;
  if (amountMinor === null)
    return postCount + otherStepCount > 0 ? ['it was posted, and there is no such transfer'] : [];
  const faults: string[] = [];
  if (!transfer.fitsWallets)
    faults.push(`its wallets are not both in ${currency}, with the giver a wallet of its user`);
  if (postCount !== 1 || otherStepCount !== 0)
    faults.push(`in the ledger: post ${postCount}, other ${otherStepCount}`);
  if (fromPostedMinor !== -amountMinor)
    faults.push(`it takes ${amountMinor} ${currency}, and ${fromPostedMinor} was posted to the giver`);
  if (toPostedMinor !== amountMinor)
    faults.push(`it brings ${amountMinor} ${currency}, and ${toPostedMinor} was posted to the receiver`);
  return faults;
}
