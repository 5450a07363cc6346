import fc from 'fast-check';
import { NO_FEE } from '../money/fee.ts';
import { decideEnd, decideNewFee } from './decide-fee-change.ts';
import type { ScheduledFee } from './fee.ts';

const at = (moment: number) => new Date(moment);
const NOW = at(1000);
const fee = (id: number, from: number, to: number | null): ScheduledFee => ({
  id: BigInt(id),
  kind: 'deposit',
  currency: 'EUR',
  payer: 'recipient',
  terms: NO_FEE,
  validFrom: at(from),
  validTo: to === null ? null : at(to),
  createdAt: at(0),
  createdBy: 'ana',
  reason: 'a test',
});
const insert = (from: number | undefined, fees: readonly ScheduledFee[]) =>
  decideNewFee(from === undefined ? undefined : at(from), { now: NOW, fees });

describe('a new fee', () => {
  test('ends the one that is valid when it begins', () => {
    const current = fee(1, 500, null);
    expect(insert(undefined, [current])).toEqual({
      kind: 'fits',
      validFrom: NOW,
      validTo: null,
      replaced: current,
    });
  });

  test('ends where the next one begins that is already set', () => {
    const [current, next] = [fee(1, 500, 3000), fee(2, 3000, null)];
    expect(insert(2000, [current, next])).toMatchObject({ validTo: at(3000), replaced: current });
    expect(insert(4000, [current, next])).toMatchObject({ validTo: null, replaced: next });
  });

  test('ends nothing in a gap', () => {
    const [before, after] = [fee(1, 500, 1500), fee(2, 3000, null)];
    expect(insert(2000, [before, after])).toMatchObject({ validTo: at(3000), replaced: null });
    // Where the one before has just ended.
    expect(insert(1500, [before, after])).toMatchObject({ replaced: null });
  });

  test('neither begins in the past nor when another one does', () => {
    expect(insert(999, [])).toEqual({ kind: 'in_the_past', now: NOW });
    const taken = fee(1, 2000, null);
    expect(insert(2000, [taken])).toEqual({ kind: 'moment_taken', fee: taken });
  });

  test('that is to begin now begins a moment later if one was set within the millisecond', () => {
    expect(insert(undefined, [fee(1, 1000, null)])).toMatchObject({ kind: 'fits', validFrom: at(1001) });
    expect(insert(undefined, [fee(1, 1000, 1001), fee(2, 1001, null)])).toMatchObject({
      validFrom: at(1002),
    });
  });

  test('whatever is set, the fees of a kind and currency neither overlap nor leave a gap', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1000, max: 1020 }), { maxLength: 15 }), (starts) => {
        let fees: ScheduledFee[] = [];
        for (const [index, from] of starts.entries()) {
          const decided = insert(from, fees);
          if (decided.kind !== 'fits') continue;
          const { validFrom, validTo, replaced } = decided;
          fees = [
            ...fees.map((each) => (each === replaced ? { ...each, validTo: validFrom } : each)),
            { ...fee(index, 0, null), validFrom, validTo },
          ].sort((a, b) => a.validFrom.getTime() - b.validFrom.getTime());
        }
        expect(fees).toHaveLength(new Set(starts).size);
        fees.forEach((each, index) => {
          expect(each.validTo).toEqual(fees[index + 1]?.validFrom ?? null);
        });
      }),
    );
  });
});

describe('the end of a fee', () => {
  const end = (ended: ScheduledFee, to?: number, replaced: ScheduledFee | null = null) =>
    decideEnd(ended, to === undefined ? undefined : at(to), { now: NOW, replaced });

  test('is now, or the moment that is named', () => {
    expect(end(fee(1, 500, null))).toEqual({ kind: 'ends', validTo: NOW });
    expect(end(fee(1, 500, null), 1500)).toEqual({ kind: 'ends', validTo: at(1500) });
    expect(end(fee(1, 500, 2000), 1500)).toEqual({ kind: 'ends', validTo: at(1500) });
    expect(end(fee(1, 2000, null), 2500)).toEqual({ kind: 'ends', validTo: at(2500) });
  });

  test('of one that was set in this very millisecond is after it', () => {
    expect(end(fee(1, 1000, null))).toEqual({ kind: 'ends', validTo: at(1001) });
  });

  test('that lies behind stays as it is', () => {
    for (const ended of [fee(1, 500, 900), fee(1, 500, 1000), fee(1, 2000, 2000)])
      expect(end(ended)).toEqual({ kind: 'has_ended', validTo: ended.validTo });
  });

  test('cannot be in the past, before its beginning, or later than its end', () => {
    expect(end(fee(1, 500, null), 999)).toEqual({ kind: 'in_the_past', now: NOW });
    expect(end(fee(1, 2000, null), 2000)).toEqual({ kind: 'not_begun', validFrom: at(2000) });
    expect(end(fee(1, 500, 2000), 2001)).toEqual({ kind: 'ends_before', validTo: at(2000) });
  });

  test('of one that has not begun withdraws it, and what it was to end goes on for as long', () => {
    const replaced = fee(1, 500, 2000);
    expect(end(fee(2, 2000, null), undefined, replaced)).toEqual({
      kind: 'withdrawn',
      resumed: replaced,
      resumedTo: null,
    });
    expect(end(fee(2, 2000, 3000), undefined, replaced)).toMatchObject({ resumedTo: at(3000) });
  });

  test('of one that has not begun lets nothing go on that ends earlier', () => {
    expect(end(fee(2, 2000, null), undefined, fee(1, 500, 1500))).toMatchObject({ resumed: null });
    expect(end(fee(2, 2000, null))).toMatchObject({ kind: 'withdrawn', resumed: null });
  });
});
