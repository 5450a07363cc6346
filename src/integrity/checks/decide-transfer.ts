import type { Violation } from '../violation.ts';
import type { TransferFacts } from './transfer-facts.sql.ts';

/** I5: a transfer that a client was told of was posted once, to both wallets and to our fees, in its amounts. */
export function decideTransfer(transfer: TransferFacts): Violation[] {
  const faults = findFaults(transfer);
  if (faults.length === 0) return [];
  const detail = faults.join('; ');
  const subject = `transfer:${transfer.transferId}`;
  return [{ rule: 'transfer_is_posted', subject, fingerprint: detail, detail }];
}

function findFaults(transfer: TransferFacts): string[] {
  const { amountMinor, feeMinor, feePayer, currency, postCount, otherStepCount } = transfer;
  if (amountMinor === null || feeMinor === null)
    return postCount + otherStepCount > 0 ? ['it was posted, and there is no such transfer'] : [];
  const faults: string[] = [];
  if (!transfer.fitsWallets)
    faults.push(`its wallets are not both in ${currency}, with the giver a wallet of its user`);
  if (postCount !== 1 || otherStepCount !== 0)
    faults.push(`in the ledger: post ${postCount}, other ${otherStepCount}`);
  const expected: readonly (readonly [string, bigint, bigint])[] = [
    ['giver', -(amountMinor + (feePayer === 'sender' ? feeMinor : 0n)), transfer.fromPostedMinor],
    ['receiver', amountMinor - (feePayer === 'recipient' ? feeMinor : 0n), transfer.toPostedMinor],
    ['fee', feeMinor, transfer.feePostedMinor],
  ];
  for (const [who, wanted, posted] of expected)
    if (posted !== wanted) faults.push(`${who}: ${posted} ${currency} posted, ${wanted} expected`);
  return faults;
}
