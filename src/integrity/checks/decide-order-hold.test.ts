import { decideOrderHold } from './decide-order-hold.ts';
import type { OrderHoldFacts } from './order-hold-facts.sql.ts';

const open: OrderHoldFacts = {
  userId: 3n,
  holdId: 42n,
  walletId: 7n,
  ownerId: 3n,
  walletCurrency: 'USD',
  status: 'open',
  currency: 'USD',
  amountMinor: 3000n,
  capturedMinor: 1000n,
  releasedMinor: 0n,
  postedMinor: 1000n,
  reservedMinor: 2000n,
};
const ended: OrderHoldFacts = { ...open, status: 'released', releasedMinor: 2000n, reservedMinor: 0n };

test.each([
  ['an open hold', open],
  ['one that has ended', ended],
])('%s that adds up is right', (_what, hold) => {
  expect(decideOrderHold(hold)).toEqual([]);
});

test.each<[string, OrderHoldFacts, string]>([
  [
    'a hold of a wallet of somebody else',
    { ...open, ownerId: 4n },
    'it is of account 7, which is no wallet of this user in USD',
  ],
  [
    'a hold of an account that does not exist',
    { ...ended, ownerId: null, walletCurrency: null },
    'it is of account 7, which is no wallet of this user in USD',
  ],
  [
    'a hold of a wallet in another currency',
    { ...open, walletCurrency: 'EUR' },
    'it is of account 7, which is no wallet of this user in USD',
  ],
  [
    'an open hold of which less is reserved',
    { ...open, reservedMinor: 1999n },
    '1999 USD are reserved for it, and not 2000',
  ],
  [
    'an open hold of which nothing is reserved',
    { ...open, reservedMinor: 0n },
    '0 USD are reserved for it, and not 2000',
  ],
  [
    'an open hold of which nothing is left',
    { ...open, capturedMinor: 3000n, postedMinor: 3000n, reservedMinor: 0n },
    'it is open, and 0 USD are left of it',
  ],
  [
    'a capture that was not posted',
    { ...open, postedMinor: 0n },
    '1000 USD were captured, and 0 were posted',
  ],
  [
    'a capture that was posted twice',
    { ...ended, postedMinor: 2000n },
    '1000 USD were captured, and 2000 were posted',
  ],
  [
    'an end that released less than was left',
    { ...ended, releasedMinor: 1999n },
    'it is released: 1000 captured and 1999 released are not the 3000 USD that were held',
  ],
  [
    'an end that left something reserved',
    { ...ended, reservedMinor: 2000n },
    '2000 USD are reserved for it, and not 0',
  ],
])('%s is a violation', (_what, hold, detail) => {
  expect(decideOrderHold(hold)).toEqual([
    { rule: 'order_hold_adds_up', subject: 'order_hold:3:42', fingerprint: detail, detail },
  ]);
});
