import type { Currency } from './currencies.ts';
import { charge, type FeeKind, type ModelFee, termsOf } from './fees.ts';
import type { ModelState } from './state.ts';

/** What things cost, and what people have set that they cost. */
export function createFeesOracle({ fees, endedFees }: Pick<ModelState, 'fees' | 'endedFees'>) {
  const chargeFor = (kind: FeeKind, currency: Currency, amount: bigint) =>
    charge(kind, termsOf(fees, { kind, currency }), amount);

  function endFee(id: number): void {
    fees.splice(
      fees.findIndex((fee) => fee.id === id),
      1,
    );
    endedFees.add(id);
  }

  return {
    /** What an amount costs now; undefined where the fee leaves the recipient too little. */
    chargeFor,
    findFee: (id: number) => fees.find((fee) => fee.id === id),
    /** @returns the row that ends where this one begins. */
    setFee(set: ModelFee): ModelFee | undefined {
      const before = fees.find(({ kind, currency }) => kind === set.kind && currency === set.currency);
      if (before) endFee(before.id);
      fees.push(set);
      return before;
    },
    endFee,
    /** The most that can be asked of something that may take so much of its wallet. */
    largestOutOf(kind: 'withdrawal' | 'transfer', currency: Currency, available: bigint): bigint {
      // The fee grows with the amount, so that what fits can be found by halves.
      let [fits, tooMuch] = [0n, available + 1n];
      while (tooMuch - fits > 1n) {
        const amount = (fits + tooMuch) / 2n;
        const gives = chargeFor(kind, currency, amount)?.gives ?? amount;
        if (gives <= available) fits = amount;
        else tooMuch = amount;
      }
      return fits;
    },
  };
}
