import fc from 'fast-check';
import type { Percent } from '../shared/percent.ts';
import type { PaymentRequest } from './acceptance.ts';
import { decideAcceptance, type RequestFacts } from './decide-acceptance.ts';

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
const factsFor = (requests: readonly PaymentRequest[], changes: Partial<RequestFacts> = {}): RequestFacts[] =>
  requests.map((_, index) => ({
    hasUser: true,
    walletId: 10n,
    usedKey: null,
    paymentId: BigInt(index + 1),
    ...changes,
  }));

function decide(
  requests: readonly PaymentRequest[],
  { available = 100_000n, facts = factsFor(requests) } = {},
) {
  return decideAcceptance(requests, facts, {
    feePercent,
    renderResponse,
    availableMinor: new Map([[10n, available]]),
  });
}

describe('a batch of requests', () => {
  test('lets withdrawals hold amount and fee until nothing is left, in order', () => {
    const { outcomes, payments } = decide([request(), request(), request()], { available: 10_200n });
    expect(outcomes.map((outcome) => outcome.kind === 'answered' && outcome.response.status)).toEqual([
      202, 202, 422,
    ]);
    expect(payments.map(({ status }) => status)).toEqual(['new', 'new', 'failed']);
  });

  test('accepts a deposit whatever the wallet holds', () => {
    const { payments } = decide([request({ type: 'deposit' })], { available: 0n });
    expect(payments).toMatchObject([{ status: 'new', feeMinor: 100n }]);
  });

  test('writes a refused withdrawal as a failed payment with its answer', () => {
    const { payments } = decide([request(withKey('k'))], { available: 5099n });
    expect(payments).toMatchObject([
      { status: 'failed', lastError: 'insufficient funds', response: { status: 422 } },
    ]);
  });

  test('answers an unknown user without writing anything', () => {
    const requests = [request()];
    const { outcomes, payments } = decide(requests, {
      facts: factsFor(requests, { hasUser: false, walletId: null, paymentId: null }),
    });
    expect(outcomes).toEqual([{ kind: 'user_not_found' }]);
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
      kind: 'answered',
      paymentId: 1n,
      isReplay: true,
      response: { body: 'accepted 1' },
    });
  });

  test('refuses a key that comes again with another request', () => {
    const { outcomes } = decide([request(withKey('k', 'a')), request(withKey('k', 'b'))]);
    expect(outcomes[1]).toEqual({ kind: 'key_reused', resourceId: 1n });
  });

  test('keeps the keys of two users apart', () => {
    const { payments } = decide([request(withKey('k')), request({ userId: 2n, ...withKey('k') })]);
    expect(payments).toHaveLength(2);
  });

  test('never executes a key whose stored answer has expired', () => {
    const requests = [request(withKey('k'))];
    const usedKey = { fingerprint: Buffer.from('same'), resourceId: 7n, response: null };
    const { outcomes, payments } = decide(requests, {
      facts: factsFor(requests, { usedKey, paymentId: null }),
    });
    expect(outcomes).toEqual([{ kind: 'key_expired', resourceId: 7n }]);
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
          .filter((payment) => payment.status === 'new' && payment.request.type === 'withdraw')
          .reduce((sum, payment) => sum + payment.request.amountMinor + payment.feeMinor, 0n);
        expect(held <= available).toBe(true);
        expect(outcomes).toHaveLength(batch.length);
        expect(payments).toHaveLength(batch.length);
      }),
    );
  });
});
