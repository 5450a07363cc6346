import type { Violation, World } from '../world/world.ts';
import { findStrangers, readPostings, sayPosting } from './postings.ts';

/**
 * I4 for transfers: each moved its amount once, from the one wallet to the other, and its fee to the house, from whoever pays it; nothing else
 * moved, and nothing moved without a transfer.
 */
export function checkTransfersMoveOnce(world: World): Violation[] {
  const postings = readPostings(world);
  const ids = world.transfers.map(({ id }) => id);
  const feeAccounts = new Map(
    world.accounts.filter(({ kind }) => kind === 'fee').map(({ id, currency }) => [currency, id]),
  );
  return [
    ...world.transfers.flatMap(
      ({ id, fromWalletId, toWalletId, amountMinor, feeMinor, feePayer, currency }) => {
        const onTop = feePayer === 'sender' ? feeMinor : 0n;
        const expected = sayPosting('post', [
          { accountId: fromWalletId, amountMinor: -amountMinor - onTop },
          { accountId: toWalletId, amountMinor: amountMinor + onTop - feeMinor },
          { accountId: feeAccounts.get(currency), amountMinor: feeMinor },
        ]);
        const found = postings.of(`transfer:${id}`);
        if (found.length === 1 && found[0] === expected) return [];
        return [violation(`transfer ${id} posted [${found.join('; ')}] and not [${expected}]`)];
      },
    ),
    ...findStrangers(postings.references, { kind: 'transfer', ids }).map((reference) =>
      violation(`${reference} was posted, and there is no such transfer`),
    ),
  ];
}

function violation(detail: string): Violation {
  return { invariant: 'I4', paymentId: null, detail };
}
