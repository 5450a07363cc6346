import type { Violation, World } from '../world/world.ts';
import { findStrangers, readPostings, sayPosting } from './postings.ts';

/** I4 for transfers: each moved its amount once, from the one wallet to the other and nowhere else, and nothing moved without one. */
export function checkTransfersMoveOnce(world: World): Violation[] {
  const postings = readPostings(world);
  const ids = world.transfers.map(({ id }) => id);
  return [
    ...world.transfers.flatMap(({ id, fromWalletId, toWalletId, amountMinor }) => {
      const expected = sayPosting('post', [
        { accountId: fromWalletId, amountMinor: -amountMinor },
        { accountId: toWalletId, amountMinor },
      ]);
      const found = postings.of(`transfer:${id}`);
      if (found.length === 1 && found[0] === expected) return [];
      return [violation(`transfer ${id} posted [${found.join('; ')}] and not [${expected}]`)];
    }),
    ...findStrangers(postings.references, { kind: 'transfer', ids }).map((reference) =>
      violation(`${reference} was posted, and there is no such transfer`),
    ),
  ];
}

function violation(detail: string): Violation {
  return { invariant: 'I4', paymentId: null, detail };
}
