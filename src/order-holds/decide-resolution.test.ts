import fc from 'fast-check';
import { createTally } from '../commands/tally.ts';
import {
  decideResolution,
  type ResolutionDecision,
  type ResolutionFacts,
  type ResolveRequest,
} from './decide-resolution.ts';
import { type OrderHold, remainingMinor } from './order-hold.ts';

const open: OrderHold = {
  holdId: 42n,
  userId: 7n,
  orderId: 'order-1',
  walletId: 9n,
  amountMinor: 3000n,
  currency: 'USD',
  capturedMinor: 0n,
  releasedMinor: 0n,
  captureCount: 0,
  status: 'open',
  createdAt: new Date('2026-01-01T12:00:00.000Z'),
  expiresAt: new Date('2026-01-08T12:00:00.000Z'),
  resolvedAt: null,
};
const facts = (changes: Partial<ResolutionFacts> = {}): ResolutionFacts => ({
  hold: open,
  isExpired: false,
  target: { hasUser: true, walletId: 11n, state: 'open' },
  now: '2026-01-02 12:00:00.123456+00',
  begunAt: '2026-01-02 12:00:00.1+00',
  ...changes,
});

type Capture = Extract<ResolveRequest['action'], { kind: 'capture' }>;
const capture = (changes: Partial<Capture> = {}): Capture => ({
  kind: 'capture',
  amountMinor: 'rest',
  target: { kind: 'sales' },
  rest: 'released',
  ...changes,
});
const release = { kind: 'release' } as const;

/** Decides requests about one hold, one after another, as neighbours in a batch are. */
function decideAll(actions: readonly ResolveRequest['action'][], itsFacts = facts()) {
  const decisions: ResolutionDecision[] = [];
  const tally = createTally();
  const renderResponse = (decision: ResolutionDecision) => {
    decisions.push(decision);
    return { status: 200, body: '{}' };
  };
  const decided = actions.map((action) =>
    decideResolution(
      {
        userId: 7n,
        orderId: 'order-1',
        currency: 'USD',
        walletName: '',
        action,
        path: '/',
        idempotency: null,
      },
      itsFacts,
      {
        tally,
        frozenCredits: 'refuse',
        renderResponse,
      },
    ),
  );
  return { decided, decisions, kinds: decisions.map(({ kind }) => kind) };
}

test('a capture takes what it says and releases the rest', () => {
  const { decided } = decideAll([capture({ amountMinor: 1000n })]);
  expect(decided[0]?.row).toMatchObject({
    capturedMinor: 1000n,
    after: { capturedMinor: 1000n, releasedMinor: 2000n, status: 'captured', captureCount: 1 },
    resolvedAt: '2026-01-02 12:00:00.123456+00',
  });
});

test('a capture whose rest stays held ends the hold only with the last of it', () => {
  const some = capture({ amountMinor: 1500n, rest: 'stays_held' });
  const { decided, kinds } = decideAll([some, some, some]);
  expect(kinds).toEqual(['captured', 'captured', 'hold_ended']);
  expect(decided[0]?.row).toMatchObject({
    after: { status: 'open', capturedMinor: 1500n },
    resolvedAt: null,
  });
  expect(decided[1]?.row).toMatchObject({
    before: { capturedMinor: 1500n },
    after: { status: 'captured', capturedMinor: 3000n, releasedMinor: 0n, captureCount: 2 },
  });
});

test('of neighbours that want the same hold the first one has it', () => {
  expect(decideAll([release, capture()]).kinds).toEqual(['released', 'hold_ended']);
  expect(decideAll([capture(), release]).kinds).toEqual(['captured', 'hold_ended']);
});

test('more than is left is refused, and leaves the hold as it is', () => {
  const { kinds } = decideAll([
    capture({ amountMinor: 2000n, rest: 'stays_held' }),
    capture({ amountMinor: 1001n }),
    capture({ amountMinor: 1000n }),
  ]);
  expect(kinds).toEqual(['captured', 'capture_exceeds_hold', 'captured']);
});

test('a hold whose time is over cannot be captured or released, and what is left of it stays held until the sweep', () => {
  const { decided, decisions } = decideAll([capture(), release], facts({ isExpired: true }));
  expect(decisions.map(({ kind, hold }) => [kind, hold.status, remainingMinor(hold)])).toEqual([
    ['hold_ended', 'open', 3000n],
    ['hold_ended', 'open', 3000n],
  ]);
  expect(decided.map(({ row }) => row)).toEqual([undefined, undefined]);
});

test('one that ended in time is said to have ended as it did, and not to have expired', () => {
  const captured = { ...open, status: 'captured' as const, capturedMinor: 3000n, resolvedAt: new Date() };
  const { decisions } = decideAll([capture()], facts({ hold: captured, isExpired: true }));
  expect(decisions[0]).toMatchObject({ kind: 'hold_ended', hold: { status: 'captured' } });
});

test.each([
  ['hold_not_found', facts({ hold: null })],
  ['target_not_found', facts({ target: { hasUser: false, walletId: null, state: null } })],
  ['target_has_no_wallet', facts({ target: { hasUser: true, walletId: null, state: null } })],
])('%s is told, and nothing is kept', (kind, itsFacts) => {
  const { decided } = decideAll([capture({ target: { kind: 'user', userId: 8n } })], itsFacts);
  expect(decided).toEqual([{ result: { kind } }]);
});

test('whatever comes in whatever order, a hold adds up, and ends once', () => {
  const action = fc.oneof(
    fc.constant(release),
    fc.record({
      kind: fc.constant('capture' as const),
      amountMinor: fc.oneof(fc.constant('rest' as const), fc.bigInt({ min: 1n, max: 2000n })),
      target: fc.constant({ kind: 'sales' as const }),
      rest: fc.constantFrom('released' as const, 'stays_held' as const),
    }),
  );
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 12 }), (actions) => {
      const rows = decideAll(actions).decided.flatMap(({ row }) => row ?? []);
      const capturedMinor = rows.reduce((sum, row) => sum + row.capturedMinor, 0n);
      const last = rows.at(-1)?.after ?? open;
      expect(last.capturedMinor).toBe(capturedMinor);
      expect(rows.filter(({ after }) => after.status !== 'open').length).toBeLessThanOrEqual(1);
      if (last.status === 'open') expect(last.releasedMinor).toBe(0n);
      else expect(last.capturedMinor + last.releasedMinor).toBe(last.amountMinor);
      for (const [index, { before }] of rows.entries())
        expect(before).toEqual(index === 0 ? open : rows[index - 1]?.after);
    }),
  );
});

test.each([
  ['frozen', 'wallet_frozen'],
  ['closed', 'wallet_closed'],
] as const)(
  'a capture for a wallet that is %s, and takes nothing in, leaves the hold as it is',
  (state, kind) => {
    const target = { hasUser: true, walletId: 11n, state };
    const { decided, kinds } = decideAll(
      [capture({ target: { kind: 'user', userId: 8n } })],
      facts({ target }),
    );
    expect(kinds).toEqual([kind]);
    expect(decided[0]?.row).toBeUndefined();
  },
);
