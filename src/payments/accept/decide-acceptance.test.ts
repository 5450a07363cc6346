import fc from 'fast-check';
import { lockedWallets } from '../../../test/builders/locked-wallets.ts';
import type { CommandFacts } from '../../commands/command-kind.ts';
import { decideBatch } from '../../commands/decide-batch.ts';
import type { ScheduledFee } from '../../fees/fee.ts';
import type { FrozenCredits } from '../../ledger/decide-wallet-state.ts';
import type { WalletState } from '../../ledger/wallet-state.ts';
import { NO_FEE } from '../../money/fee.ts';
import type { Percent } from '../../money/percent.ts';
import { acceptance } from './accept-payments.ts';
import type { AcceptanceDecision, PaymentRequest } from './acceptance.ts';
import type { RequestFacts } from './decide-acceptance.ts';

const feePercent: Percent = { numerator: 2n, denominator: 100n };
const renderResponse = (decision: AcceptanceDecision) => ({
  status: decision.kind === 'accepted' ? 202 : 422,
  body: `${decision.kind} ${'paymentId' in decision ? decision.paymentId : decision.walletId}`,
});

const request = (changes: Partial<PaymentRequest> = {}): PaymentRequest => ({
  userId: 1n,
  type: 'withdraw',
  amountMinor: 5000n,
  currency: 'USD',
  path: '/api/v1/payments/withdraw',
  idempotency: null,
  ...changes,
});
const withKey = (key: string, fingerprint = 'same'): Partial<PaymentRequest> => ({
  idempotency: { key, fingerprint: Buffer.from(fingerprint) },
});
const factsFor = (
  requests: readonly PaymentRequest[],
  { fees = [], ...changes }: Partial<CommandFacts<RequestFacts>> & { fees?: ScheduledFee[] } = {},
): CommandFacts<RequestFacts>[] =>
  requests.map((_, index) => {
    const paymentId = BigInt(index + 1);
    const facts: RequestFacts = {
      hasUser: true,
      name: { paymentId, reference: `${paymentId}-abc` },
      walletState: 'open',
      deposit: null,
      fees,
    };
    return { walletId: 10n, usedKey: null, facts, ...changes };
  });

function decide(
  requests: readonly PaymentRequest[],
  {
    available = 100_000n,
    facts = factsFor(requests),
    availableMinor = new Map([[10n, available]]),
    state = 'open',
    frozenCredits = 'accept',
  }: {
    available?: bigint;
    facts?: CommandFacts<RequestFacts>[];
    availableMinor?: ReadonlyMap<bigint, bigint>;
    /** Of the locked wallets. */
    state?: WalletState;
    frozenCredits?: FrozenCredits;
  } = {},
) {
  const kind = acceptance({
    feePercent,
    doRefundsReturnFee: true,
    frozenCredits,
    gatewayFor: () => null,
    responseTtlMs: 1,
    renderResponse,
  });
  const { outcomes, rows, keys } = decideBatch(kind, requests, {
    read: facts,
    wallets: lockedWallets(availableMinor, state),
  });
  return { outcomes, payments: rows, keys };
}

const unknownUser = {
  walletId: null,
  facts: { hasUser: false, name: null, walletState: null, deposit: null, fees: [] },
};

/** A fixed fee of 1.50 for whatever is in USD. */
const fixedFee = (changes: Partial<ScheduledFee> = {}): ScheduledFee => ({
  id: 1n,
  kind: 'withdrawal',
  currency: 'USD',
  payer: 'recipient',
  terms: { ...NO_FEE, fixedMinor: 150n },
  validFrom: new Date(0),
  validTo: null,
  createdAt: new Date(0),
  createdBy: 'ana',
  reason: 'a test',
  ...changes,
});

describe('a fee of the schedule', () => {
  const decideOne = (changes: Partial<PaymentRequest>, fee: ScheduledFee, available?: bigint) => {
    const requests = [request(changes)];
    return decide(requests, {
      facts: factsFor(requests, { fees: [fee] }),
      ...(available === undefined ? {} : { available }),
    });
  };

  test.each([
    ['withdraw', 'sender', { amountMinor: 5000n, walletPaysFee: true }],
    ['withdraw', 'recipient', { amountMinor: 4850n, walletPaysFee: false }],
    ['deposit', 'recipient', { amountMinor: 5000n, walletPaysFee: true }],
    ['deposit', 'sender', { amountMinor: 5150n, walletPaysFee: false }],
  ] as const)(
    'of a %s of 50 that its %s pays says what the gateway is asked for',
    (type, payer, expected) => {
      const kind = type === 'deposit' ? 'deposit' : 'withdrawal';
      const { payments } = decideOne({ type }, fixedFee({ kind, payer }));
      expect(payments).toMatchObject([{ status: 'new', feeMinor: 150n, ...expected }]);
    },
  );

  test('that the recipient of a withdrawal pays holds just the amount', () => {
    expect(decideOne({}, fixedFee(), 5000n).payments).toMatchObject([{ status: 'new' }]);
    expect(decideOne({}, fixedFee(), 4999n).payments).toMatchObject([{ status: 'failed' }]);
  });

  test('that leaves nothing of the amount writes nothing, and leaves the key unused', () => {
    const { outcomes, payments, keys } = decideOne({ amountMinor: 150n, ...withKey('k') }, fixedFee());
    expect(outcomes).toEqual([
      { kind: 'decided', result: { kind: 'fee_exceeds_amount', feeMinor: 150n, leastLeftMinor: 1n } },
    ]);
    expect([...payments, ...keys]).toEqual([]);
    expect(decideOne({ amountMinor: 151n }, fixedFee()).payments).toMatchObject([{ amountMinor: 1n }]);
  });

  test('that is more than the amount may be paid on top of it', () => {
    const { payments } = decideOne({ amountMinor: 1n }, fixedFee({ payer: 'sender' }));
    expect(payments).toMatchObject([{ amountMinor: 1n, feeMinor: 150n, status: 'new' }]);
  });

  test('for another currency or kind does not count', () => {
    for (const other of [{ currency: 'EUR' }, { kind: 'deposit' as const }])
      expect(decideOne({}, fixedFee(other)).payments).toMatchObject([{ feeMinor: 100n }]);
  });
});

describe('a batch of requests', () => {
  test('accepts withdrawals in order until nothing is left for their amounts and fees', () => {
    const { outcomes, payments } = decide([request(), request(), request()], { available: 10_200n });
    expect(outcomes).toMatchObject([202, 202, 422].map((status) => ({ result: { response: { status } } })));
    expect(payments.map(({ status }) => status)).toEqual(['new', 'new', 'failed']);
  });

  test.each([
    ['withdraw', 'frozen', 'accept', 'wallet_frozen'],
    ['withdraw', 'closed', 'accept', 'wallet_closed'],
    ['deposit', 'frozen', 'accept', 'accepted'],
    ['deposit', 'frozen', 'refuse', 'wallet_frozen'],
    ['deposit', 'closed', 'accept', 'wallet_closed'],
  ] as const)(
    'a %s of a wallet that is %s, where frozen ones %s money: %s',
    (type, state, frozenCredits, kind) => {
      const requests = [request({ ...withKey('k'), type })];
      const facts = factsFor(requests).map((read) => ({
        ...read,
        facts: { ...read.facts, walletState: state },
      }));
      const { outcomes, payments, keys } = decide(requests, { facts, state, frozenCredits });
      expect(outcomes).toMatchObject([{ result: { decided: kind } }]);
      expect(payments).toHaveLength(kind === 'accepted' ? 1 : 0);
      if (kind !== 'accepted') expect(keys).toMatchObject([{ resource: { kind: 'wallet', id: 10n } }]);
    },
  );

  test('accepts a deposit whatever the wallet holds', () => {
    const { payments } = decide([request({ type: 'deposit' })], { available: 0n });
    expect(payments).toMatchObject([{ status: 'new', feeMinor: 100n }]);
  });

  test('writes a refused withdrawal as a failed payment with its answer', () => {
    const { payments, keys } = decide([request(withKey('k'))], { available: 5099n });
    expect(payments).toMatchObject([{ status: 'failed', lastError: 'insufficient funds' }]);
    expect(keys).toMatchObject([{ scope: 1n, key: 'k', response: { status: 422 } }]);
  });

  test('answers an unknown user without writing anything', () => {
    const requests = [request()];
    const { outcomes, payments } = decide(requests, {
      facts: factsFor(requests, unknownUser),
    });
    expect(outcomes).toEqual([{ kind: 'decided', result: { kind: 'user_not_found' } }]);
    expect(payments).toEqual([]);
  });

  test('executes a key once and replays it for the others in the batch', () => {
    const { outcomes, payments } = decide([
      request(withKey('k')),
      request(withKey('k')),
      request(withKey('other')),
    ]);
    expect(payments.map(({ paymentId }) => paymentId)).toEqual([1n, 3n]);
    expect(outcomes[1]).toMatchObject({
      kind: 'replayed',
      resource: { kind: 'payment', id: 1n },
      response: { body: 'accepted 1' },
    });
  });

  test('refuses a key that was used for another request', () => {
    const { outcomes } = decide([request(withKey('k', 'a')), request(withKey('k', 'b'))]);
    expect(outcomes[1]).toEqual({ kind: 'key_reused', resource: { kind: 'payment', id: 1n } });
  });

  test('keeps the keys of two users apart', () => {
    const { payments } = decide([request(withKey('k')), request({ userId: 2n, ...withKey('k') })]);
    expect(payments).toHaveLength(2);
  });

  test('never executes a key whose stored answer has expired', () => {
    const requests = [request(withKey('k'))];
    const resource = { kind: 'payment', id: 7n } as const;
    const usedKey = { fingerprint: Buffer.from('same'), resource, status: 202, response: null };
    const { outcomes, payments } = decide(requests, {
      facts: factsFor(requests, { usedKey }),
    });
    expect(outcomes).toEqual([{ kind: 'key_expired', resource, wasRefused: false }]);
    expect(payments).toEqual([]);
  });

  test('a withdrawal is accepted exactly when its wallet still has its amount and fee, whatever came before it', () => {
    // Two users, each with a wallet in currencies of no, two and three decimals.
    const wallets = [1n, 2n].flatMap((userId) =>
      ['JPY', 'USD', 'BHD'].map((currency, index) => ({
        walletId: userId * 10n + BigInt(index),
        userId,
        currency,
      })),
    );
    const shapes = fc.array(
      fc.record({
        type: fc.constantFrom('deposit' as const, 'withdraw' as const, 'withdraw' as const),
        amountMinor: fc.bigInt({ min: 1n, max: 9999n }),
        wallet: fc.constantFrom(...wallets),
      }),
      { minLength: 1, maxLength: 50 },
    );
    const balances = fc.array(fc.bigInt({ min: 0n, max: 50_000n }), {
      minLength: wallets.length,
      maxLength: wallets.length,
    });
    const seen = new Map(wallets.map(({ walletId }) => [walletId, { new: 0, failed: 0 }]));
    fc.assert(
      fc.property(shapes, balances, (batch, available) => {
        const left = new Map(wallets.map(({ walletId }, index) => [walletId, available[index] as bigint]));
        const requests = batch.map(({ type, amountMinor, wallet: { userId, currency } }) =>
          request({ type, amountMinor, userId, currency }),
        );
        const { payments } = decide(requests, {
          facts: factsFor(requests).map((facts, index) => ({
            ...facts,
            walletId: batch[index]!.wallet.walletId,
          })),
          availableMinor: new Map(left),
        });

        const expected = batch.map(({ type, amountMinor, wallet: { walletId, userId, currency } }) => {
          const needed = amountMinor + (amountMinor * 2n + 50n) / 100n;
          const had = left.get(walletId) as bigint;
          const isCovered = type === 'deposit' || had >= needed;
          if (isCovered && type === 'withdraw') left.set(walletId, had - needed);
          return { walletId, userId, currency, type, status: isCovered ? 'new' : 'failed' };
        });
        expect(payments).toMatchObject(expected);
        for (const { type, status, walletId } of payments)
          if (type === 'withdraw') seen.get(walletId)![status] += 1;
      }),
      { numRuns: 500 },
    );
    // Otherwise the property would have said nothing: of each wallet's withdrawals some are covered, and some are not.
    for (const { new: accepted, failed } of seen.values()) {
      const share = accepted / (accepted + failed);
      expect(accepted + failed).toBeGreaterThan(50);
      expect(share).toBeGreaterThan(0.1);
      expect(share).toBeLessThan(0.95);
    }
  });
});
