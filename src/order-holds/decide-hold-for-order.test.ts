import { lockedWallets } from '../../test/builders/locked-wallets.ts';
import { createFunds } from '../commands/funds.ts';
import { createTally } from '../commands/tally.ts';
import type { WalletState } from '../ledger/wallet-state.ts';
import {
  decideHoldForOrder,
  type HoldFacts,
  type HoldForOrderDecision,
  type HoldForOrderRequest,
} from './decide-hold-for-order.ts';
import type { OrderHold } from './order-hold.ts';

const WALLET = 9n;
const NOW = new Date('2026-01-01T12:00:00.000Z');

const request = (changes: Partial<HoldForOrderRequest> = {}): HoldForOrderRequest => ({
  userId: 7n,
  orderId: 'order-1',
  amountMinor: 3000n,
  currency: 'USD',
  expiresInMs: 60_000,
  path: '/api/v1/accounts/7/hold',
  idempotency: null,
  ...changes,
});
const facts = (changes: Partial<HoldFacts> = {}): HoldFacts => ({
  hasUser: true,
  found: null,
  holdId: 42n,
  now: NOW,
  ...changes,
});

/** Decides requests one after another, as neighbours in a batch are. */
function decideAll(
  batch: readonly [HoldForOrderRequest, HoldFacts][],
  { availableMinor = 10_000n, walletId = WALLET as bigint | null, state = 'open' as WalletState } = {},
) {
  const decisions: HoldForOrderDecision[] = [];
  const neighbours = {
    funds: createFunds(lockedWallets([[WALLET, availableMinor]], state)),
    tally: createTally(),
  };
  const renderResponse = (decision: HoldForOrderDecision) => {
    decisions.push(decision);
    return { status: 200, body: '{}' };
  };
  const decided = batch.map(([one, itsFacts]) =>
    decideHoldForOrder(one, { walletId, facts: itsFacts }, { ...neighbours, renderResponse }),
  );
  return { decided, kinds: decisions.map(({ kind }) => kind) };
}

test('a hold is of the amount, and ends when its time is over', () => {
  const { decided } = decideAll([[request(), facts()]]);
  expect(decided[0]).toMatchObject({
    result: { kind: 'answered', decided: 'placed' },
    kept: { resource: { kind: 'order_hold', id: 42n } },
    row: {
      holdId: 42n,
      walletId: WALLET,
      amountMinor: 3000n,
      capturedMinor: 0n,
      releasedMinor: 0n,
      status: 'open',
      createdAt: NOW,
      expiresAt: new Date('2026-01-01T12:01:00.000Z'),
    },
  });
});

test('all that is available can be held, and not a unit more', () => {
  expect(decideAll([[request(), facts()]], { availableMinor: 3000n }).kinds).toEqual(['placed']);
  const { kinds, decided } = decideAll([[request(), facts()]], { availableMinor: 2999n });
  expect(kinds).toEqual(['hold_not_funded']);
  expect(decided[0]?.row).toBeUndefined();
  // There is no hold that the key could speak of.
  expect(decided[0]?.kept?.resource).toEqual({ kind: 'user', id: 7n });
});

test('what a neighbour holds is not there for the next one', () => {
  const orders = ['a', 'b', 'c'].map(
    (orderId, n) =>
      [request({ orderId }), facts({ holdId: BigInt(n + 1) })] as [HoldForOrderRequest, HoldFacts],
  );
  expect(decideAll(orders, { availableMinor: 6000n }).kinds).toEqual(['placed', 'placed', 'hold_not_funded']);
});

test('an order that a neighbour holds is held once, and nothing is taken for it again', () => {
  const { kinds, decided } = decideAll(
    [
      [request(), facts()],
      [request({ expiresInMs: 1 }), facts({ holdId: 43n })],
      [request({ amountMinor: 1n }), facts({ holdId: 44n })],
      [request({ orderId: 'order-2', amountMinor: 7000n }), facts({ holdId: 45n })],
    ],
    { availableMinor: 10_000n },
  );
  expect(kinds).toEqual(['placed', 'found', 'order_held_differently', 'placed']);
  expect(decided.map(({ kept }) => kept?.resource.id)).toEqual([42n, 42n, 42n, 45n]);
  expect(decided.map(({ row }) => row?.holdId)).toEqual([42n, undefined, undefined, 45n]);
});

test('an order that is held of another wallet is not held of this one', () => {
  const { decided: placed } = decideAll([[request(), facts()]]);
  const found = { ...(placed[0]?.row as OrderHold), walletId: 10n };
  const { kinds, decided } = decideAll([[request(), facts({ found, holdId: null })]]);
  expect(kinds).toEqual(['order_held_differently']);
  expect(decided[0]).toMatchObject({ kept: { resource: { kind: 'order_hold', id: 42n } } });
  expect(decided[0]?.row).toBeUndefined();
});

test('an order of the same name of another user is another order', () => {
  const { kinds } = decideAll([
    [request(), facts()],
    [request({ userId: 8n }), facts({ holdId: 43n })],
  ]);
  expect(kinds).toEqual(['placed', 'placed']);
});

test('a user or a wallet that is not there is told of, and nothing is kept', () => {
  expect(decideAll([[request(), facts({ hasUser: false })]]).decided[0]).toEqual({
    result: { kind: 'user_not_found' },
  });
  expect(decideAll([[request(), facts({ holdId: null })]], { walletId: null }).decided[0]).toEqual({
    result: { kind: 'wallet_not_found' },
  });
});

test.each([
  ['frozen', 'wallet_frozen'],
  ['closed', 'wallet_closed'],
] as const)('nothing is held of a wallet that is %s, and the refusal is kept', (state, kind) => {
  const { decided, kinds } = decideAll([[request(), facts()]], { state });
  expect(kinds).toEqual([kind]);
  expect(decided[0]).toMatchObject({ kept: { resource: { kind: 'wallet', id: WALLET } } });
  expect(decided[0]?.row).toBeUndefined();
});
