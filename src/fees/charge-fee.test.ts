import fc from 'fast-check';
import { MAX_AMOUNT_MINOR } from '../money/decimal-amount.ts';
import { computeFeeMinor, type FeeTerms, NO_FEE } from '../money/fee.ts';
import { chargeFee } from './charge-fee.ts';
import { chooseFee } from './choose-fee.ts';
import { FEE_KINDS, FEE_PAYERS, type Fee } from './fee.ts';

const twoPercent = { numerator: 2n, denominator: 100n };
const fee = (changes: Partial<Fee> = {}): Fee => ({
  kind: 'withdrawal',
  currency: 'USD',
  payer: 'recipient',
  terms: { ...NO_FEE, fixedMinor: 50n },
  ...changes,
});

test('a sender pays on top, and a recipient out of the amount', () => {
  expect(chargeFee(fee({ payer: 'sender' }), 1000n)).toEqual({
    kind: 'charged',
    feeMinor: 50n,
    senderGivesMinor: 1050n,
    recipientGetsMinor: 1000n,
  });
  expect(chargeFee(fee(), 1000n)).toMatchObject({ senderGivesMinor: 1000n, recipientGetsMinor: 950n });
});

test.each([
  ['withdrawal', 51n, 'charged'],
  ['withdrawal', 50n, 'fee_exceeds_amount'],
  ['transfer', 50n, 'fee_exceeds_amount'],
  ['deposit', 50n, 'charged'],
  ['deposit', 49n, 'fee_exceeds_amount'],
] as const)('a %s of %s with a fee of 50 that its recipient pays is %s', (kind, amountMinor, result) => {
  expect(chargeFee(fee({ kind }), amountMinor).kind).toBe(result);
});

test('a deposit that its sender pays for never asks the gateway for more than a payment may carry', () => {
  const deposit = fee({ kind: 'deposit', payer: 'sender' });
  expect(chargeFee(deposit, MAX_AMOUNT_MINOR - 50n)).toMatchObject({ senderGivesMinor: MAX_AMOUNT_MINOR });
  expect(chargeFee(deposit, MAX_AMOUNT_MINOR - 49n)).toEqual({ kind: 'too_large_with_fee', feeMinor: 50n });
});

test('what one side gives is what the other gets and the fee, and nobody gets less than nothing', () => {
  const minor = fc.bigInt({ min: 0n, max: 20_000n });
  const terms = fc.record({
    percent: fc.constantFrom(twoPercent, NO_FEE.percent, { numerator: 999_999n, denominator: 1_000_000n }),
    fixedMinor: minor,
    leastMinor: fc.option(minor),
    mostMinor: fc.constant(null),
  });
  const seen = { charged: 0, fee_exceeds_amount: 0, too_large_with_fee: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom(...FEE_KINDS),
      fc.constantFrom(...FEE_PAYERS),
      terms as fc.Arbitrary<FeeTerms>,
      fc.oneof(fc.bigInt({ min: 1n, max: 50_000n }), fc.bigInt({ min: 1n, max: MAX_AMOUNT_MINOR })),
      (kind, payer, anyTerms, amountMinor) => {
        const charge = chargeFee(fee({ kind, payer, terms: anyTerms }), amountMinor);
        seen[charge.kind] += 1;
        expect(charge.feeMinor).toBe(computeFeeMinor(amountMinor, anyTerms));
        if (charge.kind !== 'charged') return;
        const { feeMinor, senderGivesMinor, recipientGetsMinor } = charge;
        expect(senderGivesMinor).toBe(recipientGetsMinor + feeMinor);
        expect(payer === 'sender' ? recipientGetsMinor : senderGivesMinor).toBe(amountMinor);
        expect(recipientGetsMinor).toBeGreaterThanOrEqual(0n);
        if (kind !== 'transfer')
          expect(kind === 'deposit' ? senderGivesMinor : recipientGetsMinor).toBeGreaterThan(0n);
      },
    ),
    { numRuns: 1000 },
  );
  expect(seen.charged).toBeGreaterThan(100);
  expect(seen.fee_exceeds_amount).toBeGreaterThan(50);
});

describe('of the rows that are valid', () => {
  const rows = [
    fee({ currency: null, terms: { ...NO_FEE, percent: { numerator: 1n, denominator: 100n } } }),
    fee({ currency: 'EUR' }),
    fee({ kind: 'transfer', currency: 'USD' }),
  ];
  const choose = (kind: Fee['kind'], currency: string) => chooseFee(rows, { kind, currency }, twoPercent);

  test('the one that names the currency goes before the one for every currency', () => {
    expect(choose('withdrawal', 'EUR')).toBe(rows[1]);
    expect(choose('withdrawal', 'USD')).toBe(rows[0]);
  });

  test('none applies to another kind: what the settings say goes, and nothing between two wallets', () => {
    expect(choose('deposit', 'USD')).toMatchObject({ payer: 'recipient', terms: { percent: twoPercent } });
    expect(choose('transfer', 'USD')).toBe(rows[2]);
    expect(choose('transfer', 'EUR')).toMatchObject({ payer: 'sender', terms: NO_FEE });
  });
});
