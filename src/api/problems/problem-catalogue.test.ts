import { Problem } from './problem.ts';
import { PROBLEM_CODES, type ProblemCode, problemKind, type RetryAdvice } from './problem-catalogue.ts';

/** What may happen when the same request is sent again unchanged. */
const EXPECTED: Readonly<Record<ProblemCode, RetryAdvice>> = {
  'malformed-request': 'never',
  'idempotency-key-required': 'new-key',
  'idempotency-key-malformed': 'new-key',
  'user-header-malformed': 'never',
  'signature-invalid': 'never',
  'operator-token-required': 'never',
  'operator-loopback-only': 'never',
  'operator-cross-site': 'never',
  'operator-port-only': 'never',
  'cross-site': 'never',
  // Once somebody sets the secret, the gateway's next delivery is accepted.
  'callbacks-not-configured': 'same-key',
  'not-found': 'never',
  'user-not-found': 'never',
  // A wallet is opened later, a hold placed later, a quote taken later, a rate given later.
  'no-such-wallet': 'same-key',
  'wallet-frozen': 'new-key',
  'wallet-closed': 'never',
  // Once it is empty, the same request closes it.
  'wallet-not-empty': 'same-key',
  'wallet-name-taken': 'new-key',
  'transfer-not-found': 'never',
  'transfer-not-funded': 'new-key',
  'payment-not-found': 'never',
  'hold-not-found': 'same-key',
  'hold-ended': 'never',
  'order-held-differently': 'never',
  'hold-not-funded': 'new-key',
  // What is left of a hold never grows.
  'capture-exceeds-hold': 'never',
  'dead-letter-not-found': 'never',
  'exception-not-found': 'never',
  'report-not-found': 'never',
  'bulk-redrive-not-found': 'never',
  'violation-not-found': 'never',
  'quote-not-found': 'never',
  'conversion-not-found': 'same-key',
  'rate-not-found': 'never',
  'fee-not-found': 'never',
  'rate-not-held': 'never',
  'fee-ended': 'never',
  'method-not-allowed': 'never',
  'not-acceptable': 'never',
  'request-timeout': 'same-key',
  'wallet-not-found': 'same-key',
  'idempotency-key-in-use': 'same-key',
  'idempotency-key-expired': 'never',
  'position-limit-reached': 'new-key',
  'quote-used': 'never',
  'quote-expired': 'never',
  'rate-unknown': 'same-key',
  'rate-stale': 'same-key',
  'rate-held': 'same-key',
  'too-many-quotes': 'same-key',
  'dead-letter-handled': 'never',
  'bulk-redrive-ended': 'never',
  'exception-not-postable': 'never',
  'violation-closed': 'never',
  'outcome-unknown': 'never',
  'payment-resolved': 'never',
  'payment-not-unknown': 'never',
  'evidence-contradicts': 'never',
  'exception-closed': 'never',
  'events-dropped': 'never',
  'events-lost': 'never',
  'body-too-large': 'never',
  'unsupported-media-type': 'never',
  'expectation-failed': 'never',
  'deposit-failed': 'new-key',
  'host-not-allowed': 'never',
  'validation-failed': 'never',
  'insufficient-funds': 'new-key',
  'same-currency': 'never',
  'conversion-not-funded': 'new-key',
  'conversion-too-small': 'never',
  'conversion-too-large': 'never',
  'refund-exceeds-deposit': 'new-key',
  'payment-not-refundable': 'never',
  // The key stays unused: a deposit in progress may still succeed.
  'deposit-not-settled': 'same-key',
  // The key stays unused: the dead letter stays open until the wallet holds enough.
  'redrive-not-funded': 'same-key',
  'idempotency-key-reused': 'new-key',
  'headers-too-large': 'never',
  'search-too-wide': 'never',
  internal: 'same-key',
  'database-unavailable': 'same-key',
  overloaded: 'same-key',
  'wallet-busy': 'same-key',
  'integrity-violated': 'same-key',
  'list-too-slow': 'same-key',
  'write-outcome-unknown': 'same-key',
  'accept-outcome-unknown': 'same-key',
};

test.each(PROBLEM_CODES)('%s says whether the same request can ever succeed', (code) => {
  expect(problemKind(code).retry).toBe(EXPECTED[code]);
});

/** How many seconds a client is asked to wait. A violation is for a person; the rest passes in a moment. */
const WAITS: Readonly<Partial<Record<ProblemCode, string>>> = {
  'idempotency-key-in-use': '1',
  'database-unavailable': '1',
  overloaded: '1',
  'wallet-busy': '1',
  'list-too-slow': '1',
  'write-outcome-unknown': '1',
  'accept-outcome-unknown': '1',
  'integrity-violated': '30',
};

test.each(PROBLEM_CODES)('%s says how long to wait, whoever answers with it', (code) => {
  expect(new Problem(code).headers['Retry-After']).toBe(WAITS[code]);
  const { status, advice } = problemKind(code);
  if (status === 503 || advice.includes('Retry-After')) expect(WAITS[code]).toBeDefined();
});

test('a problem can have headers of its own besides Retry-After', () => {
  const problem = new Problem('overloaded', { headers: { Connection: 'close' } });
  expect(problem.headers).toEqual({ Connection: 'close', 'Retry-After': '1' });
});

test('only a problem of an accepted payment says that a payment was accepted', () => {
  for (const code of PROBLEM_CODES) {
    const { title, advice } = problemKind(code);
    expect([code, /payment was accepted/.test(`${title} ${advice}`)]).toEqual([
      code,
      code === 'accept-outcome-unknown',
    ]);
  }
});

test('a problem whose outcome is not known never says that nothing was done', () => {
  for (const code of ['internal', 'write-outcome-unknown', 'accept-outcome-unknown'] as const)
    expect(problemKind(code).advice).not.toMatch(/Nothing was done/);
});
