import { createPaymentReference, paymentIdOfReference } from './payment-reference.ts';

test('no two references are alike, not even of one payment, and each names its payment', () => {
  const references = Array.from({ length: 2000 }, () => createPaymentReference(42n));
  expect(new Set(references).size).toBe(references.length);
  for (const reference of references) expect(reference).toMatch(/^42-[0-9a-f]{12}$/);
  expect(new Set(references.map(paymentIdOfReference))).toEqual(new Set([42n]));
});

test.each(['42', '-42-9f1c', '042-9f1c', '0-9f1c', 'x42-9f1c', ''])('%p names no payment', (text) => {
  expect(paymentIdOfReference(text)).toBeUndefined();
});
