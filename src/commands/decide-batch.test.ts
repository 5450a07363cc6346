import { lockedWallets } from '../../test/builders/locked-wallets.ts';
import type { ScopedClaim, UsedKey } from '../idempotency/used-key.ts';
import type { CommandFacts } from './command-kind.ts';
import { decideBatch } from './decide-batch.ts';

/** Takes an amount from the user's wallet, or nothing when it is a gift. */
interface Take {
  readonly userId?: bigint;
  readonly amountMinor: bigint;
  readonly key?: string;
  readonly body?: string;
  readonly isGift?: boolean;
  /** Nothing is kept with its key, as where there is nobody to answer for. */
  readonly isForgotten?: boolean;
}
type Result = { readonly took: bigint; readonly givenBefore: bigint } | { readonly refused: true };

const WALLET = 70n;
const claimOf = ({ userId = 7n, key, body = 'same' }: Take): ScopedClaim | null =>
  key === undefined ? null : { scope: userId, key, fingerprint: Buffer.from(body) };

let drawn = 0n;
const kind: Parameters<typeof decideBatch<Take, null, bigint, Result>>[0] = {
  keyOf: claimOf,
  fundsOf: ({ isGift, userId = 7n }) => (isGift ? null : { userId, currency: 'USD' }),
  decide({ amountMinor, isGift, isForgotten, key }, { walletId }, { funds, tally }) {
    drawn += 1n;
    const kept = key &&
      !isForgotten && {
        kept: {
          resource: { kind: 'payment', id: drawn } as const,
          response: { status: 202, body: `answer ${drawn}` },
        },
      };
    if (!isGift) {
      if (walletId === null || funds.availableMinor(walletId) < amountMinor)
        return { result: { refused: true }, ...kept };
      funds.take(walletId, amountMinor);
    }
    const givenBefore = tally.taken('given');
    tally.take('given', amountMinor);
    return { result: { took: amountMinor, givenBefore }, row: amountMinor, ...kept };
  },
};

const facts = (changes: Partial<CommandFacts<null>> = {}): CommandFacts<null> => ({
  usedKey: null,
  walletId: WALLET,
  facts: null,
  ...changes,
});
const decide = (
  requests: readonly Take[],
  {
    read = requests.map(() => facts()),
    available = [[WALLET, 100n]],
    isHalted = false,
  }: { read?: CommandFacts<null>[]; available?: [bigint, bigint][]; isHalted?: boolean } = {},
) => decideBatch(kind, requests, { read, wallets: lockedWallets(available), isHalted });

beforeEach(() => {
  drawn = 0n;
});

test('commands are decided in order, and each sees what those before it took', () => {
  const { outcomes, rows } = decide([{ amountMinor: 60n }, { amountMinor: 50n }, { amountMinor: 40n }]);
  expect(outcomes).toEqual([
    { kind: 'decided', result: { took: 60n, givenBefore: 0n } },
    { kind: 'decided', result: { refused: true } },
    { kind: 'decided', result: { took: 40n, givenBefore: 60n } },
  ]);
  expect(rows).toEqual([60n, 40n]);
});

test('only its own commands take from a wallet', () => {
  const read = [facts(), facts({ walletId: 71n })];
  const available: [bigint, bigint][] = [
    [WALLET, 100n],
    [71n, 100n],
  ];
  expect(decide([{ amountMinor: 100n }, { amountMinor: 100n }], { read, available }).rows).toEqual([
    100n,
    100n,
  ]);
});

test('a command whose wallet is locked is set aside without using up its key, and its neighbours go on', () => {
  const read = [facts({ walletId: 71n }), facts()];
  expect(decide([{ amountMinor: 1n, key: 'a' }, { amountMinor: 2n }], { read })).toEqual({
    outcomes: [{ kind: 'wallet_locked' }, { kind: 'decided', result: { took: 2n, givenBefore: 0n } }],
    rows: [2n],
    keys: [],
  });
});

test('a command that takes nothing needs no wallet to be free, and one without a wallet is decided', () => {
  const gift = decide([{ amountMinor: 5n, isGift: true }], { read: [facts({ walletId: 71n })] });
  expect(gift.rows).toEqual([5n]);
  const homeless = decide([{ amountMinor: 5n }], { read: [facts({ walletId: null })] });
  expect(homeless.outcomes).toEqual([{ kind: 'decided', result: { refused: true } }]);
});

test('while commands are halted only keys that were used before are answered, and nothing is decided or kept', () => {
  const usedKey: UsedKey = {
    ...{ fingerprint: Buffer.from('same'), status: 202, resource: { kind: 'payment', id: 9n } },
    response: { status: 202, body: 'stored' },
  };
  const read = [
    facts({ usedKey }),
    facts(),
    facts(),
    facts({ usedKey, walletId: 71n }),
    facts({ walletId: 71n }),
  ];
  const requests = ['used', 'new', undefined, 'used and locked', 'locked'].map((key) => ({
    ...{ amountMinor: 1n, isGift: true },
    ...(key === undefined ? {} : { key }),
  }));
  const { outcomes, rows, keys } = decide(requests, { read, isHalted: true });
  expect(outcomes.map(({ kind }) => kind)).toEqual(['replayed', 'halted', 'halted', 'replayed', 'halted']);
  expect({ rows, keys, drawn }).toEqual({ rows: [], keys: [], drawn: 0n });
});

describe('keys', () => {
  const usedKey: UsedKey = {
    fingerprint: Buffer.from('same'),
    resource: { kind: 'payment', id: 9n },
    status: 202,
    response: { status: 202, body: 'stored' },
  };

  test('a key is kept with its answer, also when the command was refused', () => {
    const { keys, rows } = decide([{ amountMinor: 500n, key: 'a' }]);
    expect(rows).toEqual([]);
    expect(keys).toEqual([
      {
        scope: 7n,
        key: 'a',
        fingerprint: Buffer.from('same'),
        resource: { kind: 'payment', id: 1n },
        response: { status: 202, body: 'answer 1' },
      },
    ]);
  });

  test('a key that was used before gets its answer again, takes nothing and is not written again', () => {
    const read = [facts({ usedKey }), facts()];
    const { outcomes, rows, keys } = decide([{ amountMinor: 100n, key: 'a' }, { amountMinor: 100n }], {
      read,
    });
    expect(outcomes[0]).toEqual({ kind: 'replayed', response: usedKey.response, resource: usedKey.resource });
    expect(rows).toEqual([100n]);
    expect(keys).toEqual([]);
  });

  test('a replay is answered even while the wallet is locked', () => {
    const read = [facts({ usedKey, walletId: 71n })];
    expect(decide([{ amountMinor: 1n, key: 'a' }], { read }).outcomes[0]).toMatchObject({ kind: 'replayed' });
  });

  test('the first use of a key in a batch answers the later ones', () => {
    const { outcomes, rows, keys } = decide([
      { amountMinor: 10n, key: 'a' },
      { amountMinor: 10n, key: 'a' },
      { amountMinor: 11n, key: 'a', body: 'other' },
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'decided' },
      { kind: 'replayed', response: { body: 'answer 1' }, resource: { id: 1n } },
      { kind: 'key_reused', resource: { id: 1n } },
    ]);
    expect(rows).toEqual([10n]);
    expect(keys).toHaveLength(1);
  });

  test('the same key of another user is another key', () => {
    const { outcomes, keys } = decide([
      { amountMinor: 10n, key: 'a' },
      { amountMinor: 10n, key: 'a', userId: 8n },
    ]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['decided', 'decided']);
    expect(keys.map(({ scope }) => scope)).toEqual([7n, 8n]);
  });

  test('a key under which nothing is stored is not used up', () => {
    const forgotten = { amountMinor: 10n, key: 'a', isForgotten: true };
    const { outcomes, keys } = decide([forgotten, forgotten]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['decided', 'decided']);
    expect(keys).toEqual([]);
  });

  test('commands without a key are never treated as the same command', () => {
    expect(decide([{ amountMinor: 10n }, { amountMinor: 10n }]).rows).toEqual([10n, 10n]);
  });
});

test('a command is set aside when any wallet that it changes is locked by somebody else', () => {
  const OTHER = 71n;
  const both = [facts({ alsoLockedIds: [OTHER] })];
  const isSetAside = (available: [bigint, bigint][]) =>
    decide([{ amountMinor: 1n }], { read: both, available }).outcomes[0]?.kind === 'wallet_locked';
  expect(isSetAside([[WALLET, 100n]])).toBe(true);
  expect(isSetAside([[OTHER, 0n]])).toBe(true);
  expect(
    isSetAside([
      [WALLET, 100n],
      [OTHER, 0n],
    ]),
  ).toBe(false);
});
