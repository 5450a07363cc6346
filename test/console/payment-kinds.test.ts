import { PAYMENT_KINDS } from '../../src/console/payment-kinds.ts';
import { kindOf, PAYMENT_TYPES } from '../../src/payments/kinds/payment-kinds.ts';

test('the pages know every kind of payment', () => {
  expect(Object.keys(PAYMENT_KINDS)).toEqual(PAYMENT_TYPES);
});

test.each(PAYMENT_TYPES)('the pages say of a %s what its kind says', (type) => {
  const { noun, needsFunds, settledMinor } = kindOf(type);
  expect(PAYMENT_KINDS[type]).toEqual({
    noun,
    holdsMoney: needsFunds,
    givesFeeBack: settledMinor({ amountMinor: 100n, feeMinor: 1n }).feeMinor < 0n,
  });
});
