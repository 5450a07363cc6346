import fc from 'fast-check';
import type { CommandFacts } from '../commands/command-kind.ts';
import { decideBatch } from '../commands/decide-batch.ts';
import type { Percent } from '../shared/percent.ts';
import { acceptance } from './accept-payments.ts';
import type { PaymentRequest } from './acceptance.ts';
import type { RequestFacts } from './decide-acceptance.ts';

const feePercent: Percent = { numerator: 2n, denominator: 100n };
const renderResponse = (decision: { kind: string; paymentId: bigint }) => ({
  status: decision.kind === 'accepted' ? 202 : 422,
  body: `${decision.kind} ${decision.paymentId}`,
});

const request = (changes: Partial<PaymentRequest> = {}): PaymentRequest => ({
  userId: 1n,
  type: 'withdraw',
  amountMinor: 5000n,
  currency: 'USD',
  idempotency: null,
  ...changes,
});
const withKey = (key: string, fingerprint = 'same'): Partial<PaymentRequest> => ({
  idempotency: { key, fingerprint: Buffer.from(fingerprint) },
});
const factsFor = (
  requests: readonly PaymentRequest[],
  changes: Partial<CommandFacts<RequestFacts>> = {},
): CommandFacts<RequestFacts>[] =>
  requests.map((_, index) => {
    const paymentId = BigInt(index + 1);
    const facts = { hasUser: true, name: { paymentId, reference: `${paymentId}-abc` } };
    return { walletId: 10n, usedKey: null, facts, ...changes };
  });

function decide(
  requests: readonly PaymentRequest[],
  { available = 100_000n, facts = factsFor(requests) } = {},
) {
  const kind = acceptance({ feePercent, responseTtlMs: 1, renderResponse });
  const { outcomes, rows, keys } = decideBatch(kind, requests, {
    read: facts,
    availableMinor: new Map([[10n, available]]),
  });
  return { outcomes, payments: rows, keys };
}

const unknownUser = { walletId: null, facts: { hasUser: false, name: null } };

describe('a batch of requests', () => {
  test('lets withdrawals hold amount and fee until nothing is left, in order', () => {
    const { outcomes, payments } = decide([request(), request(), request()], { available: 10_200n });
    expect(outcomes).toMatchObject([202, 202, 422].map((status) => ({ result: { response: { status } } })));
    expect(payments.map(({ status }) => status)).toEqual(['new', 'new', 'failed']);
  });

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

  test('refuses a key that comes again with another request', () => {
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
    const usedKey = { fingerprint: Buffer.from('same'), resource, response: null };
    const { outcomes, payments } = decide(requests, {
      facts: factsFor(requests, { usedKey }),
    });
    expect(outcomes).toEqual([{ kind: 'key_expired', resource }]);
    expect(payments).toEqual([]);
  });

  test('never holds more than is available, whatever it is made of', () => {
    const requests = fc.array(
      fc.record({
        type: fc.constantFrom('deposit' as const, 'withdraw' as const),
        amountMinor: fc.bigInt({ min: 1n, max: 9999n }),
      }),
      { maxLength: 50 },
    );
    fc.assert(
      fc.property(requests, fc.bigInt({ min: 0n, max: 50_000n }), (shapes, available) => {
        const batch = shapes.map((shape) => request(shape));
        const { payments, outcomes } = decide(batch, { available });
        const held = payments
          .filter((payment) => payment.status === 'new' && payment.type === 'withdraw')
          .reduce((sum, payment) => sum + payment.amountMinor + payment.feeMinor, 0n);
        expect(held <= available).toBe(true);
        expect(outcomes).toHaveLength(batch.length);
        expect(payments).toHaveLength(batch.length);
      }),
    );
  });
});
