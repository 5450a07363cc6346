import fc from 'fast-check';
import { createTally } from '../../commands/tally.ts';
import { decideRefund, type RefundedDeposit, takeRefund } from './decide-refund.ts';

const deposit = (changes: Partial<RefundedDeposit> = {}): RefundedDeposit => ({
  paymentId: 1n,
  amountMinor: 20_000n,
  feeMinor: 400n,
  walletPaysFee: true,
  gatewayName: null,
  refundedMinor: 0n,
  refundedFeeMinor: 0n,
  ...changes,
});
const decide = (amountMinor: bigint | 'rest', of = deposit(), tally = createTally()) =>
  decideRefund({ amountMinor, fee: 'share' }, of, tally);

test('a full refund gives back the whole fee', () => {
  expect(decide('rest')).toEqual({ kind: 'fits', amountMinor: 20_000n, feeMinor: 400n });
});

test('a partial refund gives back its share of the fee, and the last one gives back the rest', () => {
  const uneven = deposit({ amountMinor: 10_000n, feeMinor: 101n });
  expect(decide(3333n, uneven)).toMatchObject({ feeMinor: 33n });
  expect(decide('rest', { ...uneven, refundedMinor: 3333n, refundedFeeMinor: 33n })).toEqual({
    kind: 'fits',
    amountMinor: 6667n,
    feeMinor: 68n,
  });
});

test('if fees are kept, no part of one is given back', () => {
  expect(decideRefund({ amountMinor: 'rest', fee: 'none' }, deposit(), createTally())).toMatchObject({
    feeMinor: 0n,
  });
});

test('more than is left is refused, and so is any refund when nothing is left', () => {
  const almostGone = deposit({ refundedMinor: 15_000n, refundedFeeMinor: 300n });
  expect(decide(5001n, almostGone)).toEqual({ kind: 'refund_exceeds_deposit', leftMinor: 5000n });
  expect(decide(5000n, almostGone)).toMatchObject({ kind: 'fits', feeMinor: 100n });
  expect(decide('rest', deposit({ refundedMinor: 20_000n }))).toEqual({
    kind: 'refund_exceeds_deposit',
    leftMinor: 0n,
  });
});

describe('of a deposit of 200 whose sender paid 4 on top of it', () => {
  const paidBySender = (changes: Partial<RefundedDeposit> = {}) =>
    deposit({ amountMinor: 20_400n, walletPaysFee: false, ...changes });

  test('the whole is what was asked for, and the fee goes back on top', () => {
    expect(decide('rest', paidBySender())).toEqual({ kind: 'fits', amountMinor: 20_400n, feeMinor: 400n });
    expect(decide(20_000n, paidBySender())).toEqual({ kind: 'fits', amountMinor: 20_400n, feeMinor: 400n });
    expect(decide(20_001n, paidBySender())).toEqual({ kind: 'refund_exceeds_deposit', leftMinor: 20_000n });
  });

  test('a fee that stays is not refunded to anybody', () => {
    const kept = decideRefund({ amountMinor: 'rest', fee: 'none' }, paidBySender(), createTally());
    expect(kept).toEqual({ kind: 'fits', amountMinor: 20_000n, feeMinor: 0n });
  });

  test('refunds of one batch see what those before them took', () => {
    const tally = createTally();
    const first = decide(15_000n, paidBySender(), tally);
    expect(first).toEqual({ kind: 'fits', amountMinor: 15_300n, feeMinor: 300n });
    if (first.kind === 'fits') takeRefund(tally, { depositId: 1n, ...first });
    expect(decide(5001n, paidBySender(), tally)).toEqual({
      kind: 'refund_exceeds_deposit',
      leftMinor: 5000n,
    });
    expect(decide('rest', paidBySender(), tally)).toEqual({
      kind: 'fits',
      amountMinor: 5100n,
      feeMinor: 100n,
    });
  });

  test('a refund that is made anew asks the gateway for the same as before, or for nothing', () => {
    const again = (refundedFeeMinor: bigint) =>
      decideRefund(
        { amountMinor: 5000n, fee: { feeMinor: 100n } },
        paidBySender({ refundedMinor: 10_000n + refundedFeeMinor, refundedFeeMinor }),
        createTally(),
      );
    expect(again(300n)).toEqual({ kind: 'fits', amountMinor: 5100n, feeMinor: 100n });
    expect(again(301n)).toMatchObject({ kind: 'refund_exceeds_deposit' });
  });
});

test('refunds of one batch see what the earlier ones took', () => {
  const tally = createTally();
  const first = decide(12_000n, deposit(), tally);
  if (first.kind === 'fits') takeRefund(tally, { depositId: 1n, ...first });
  expect(decide(8001n, deposit(), tally)).toEqual({ kind: 'refund_exceeds_deposit', leftMinor: 8000n });
  expect(decide('rest', deposit(), tally)).toEqual({ kind: 'fits', amountMinor: 8000n, feeMinor: 160n });
  expect(decide(20_000n, deposit({ paymentId: 2n }), tally)).toMatchObject({ kind: 'fits' });
});

test('whatever is requested, fails and is tried again, refunds never exceed the deposit or its fee', () => {
  const step = fc.record({
    wants: fc.oneof(fc.constant('rest' as const), fc.bigInt({ min: 0n, max: 60n })),
    fee: fc.constantFrom('share' as const, 'none' as const),
    /** What becomes of an earlier refund: it fails, or one that failed is made anew. */
    becomes: fc.constantFrom('stays' as const, 'fails' as const, 'redriven' as const),
    which: fc.nat(20),
  });
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 50n }),
      fc.bigInt({ min: 0n, max: 100n }),
      fc.array(step, { maxLength: 25 }),
      fc.boolean(),
      (askedMinor, feePercent, steps, walletPaysFee) => {
        const feeMinor = (askedMinor * feePercent) / 100n;
        const amountMinor = walletPaysFee ? askedMinor : askedMinor + feeMinor;
        const onTop = (fee: bigint) => (walletPaysFee ? 0n : fee);
        const refunds: { amountMinor: bigint; feeMinor: bigint; isFailed: boolean }[] = [];
        const sum = (of: 'amountMinor' | 'feeMinor') =>
          refunds.filter(({ isFailed }) => !isFailed).reduce((total, each) => total + each[of], 0n);
        const now = () =>
          deposit({
            amountMinor,
            feeMinor,
            walletPaysFee,
            refundedMinor: sum('amountMinor'),
            refundedFeeMinor: sum('feeMinor'),
          });
        const add = (wanted: Parameters<typeof decideRefund>[0]) => {
          const decision = decideRefund(wanted, now(), createTally());
          if (decision.kind !== 'fits') {
            expect(decision.leftMinor).toBe(askedMinor - (sum('amountMinor') - onTop(sum('feeMinor'))));
            return;
          }
          expect(decision.amountMinor).toBeGreaterThan(0n);
          expect(decision.feeMinor >= 0n && decision.feeMinor <= decision.amountMinor).toBe(true);
          refunds.push({ ...decision, isFailed: false });
        };
        for (const { wants, fee, becomes, which } of steps) {
          add({ amountMinor: wants, fee });
          const chosen = refunds[which % Math.max(refunds.length, 1)];
          if (chosen && becomes === 'fails') chosen.isFailed = true;
          if (chosen?.isFailed && becomes === 'redriven')
            add({
              amountMinor: chosen.amountMinor - onTop(chosen.feeMinor),
              fee: { feeMinor: chosen.feeMinor },
            });
          expect(sum('amountMinor')).toBeLessThanOrEqual(amountMinor);
          expect(sum('feeMinor')).toBeLessThanOrEqual(feeMinor);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('partial refunds together give back exactly the fee of a full refund', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10_000n }),
      fc.bigInt({ min: 0n, max: 99n }),
      fc.array(fc.bigInt({ min: 1n, max: 3000n }), { maxLength: 10 }),
      fc.boolean(),
      (askedMinor, feePercent, parts, walletPaysFee) => {
        const feeMinor = (askedMinor * feePercent) / 100n;
        const amountMinor = walletPaysFee ? askedMinor : askedMinor + feeMinor;
        let taken = { refundedMinor: 0n, refundedFeeMinor: 0n };
        for (const wants of [...parts, 'rest' as const]) {
          const decision = decide(wants, deposit({ amountMinor, feeMinor, walletPaysFee, ...taken }));
          if (decision.kind !== 'fits') continue;
          taken = {
            refundedMinor: taken.refundedMinor + decision.amountMinor,
            refundedFeeMinor: taken.refundedFeeMinor + decision.feeMinor,
          };
        }
        expect(taken).toEqual({ refundedMinor: amountMinor, refundedFeeMinor: feeMinor });
      },
    ),
  );
});
