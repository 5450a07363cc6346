import fc from 'fast-check';
import { decideReference } from './decide-redrive-reference.ts';

const REASONS = ['refused', 'attempts_exhausted', 'outcome_unknown', 'poison'] as const;

test('a payment gets a new reference only where nothing was ever sent, or the gateway refused and nothing says otherwise', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...REASONS),
      fc.boolean(),
      fc.nat(5),
      fc.nat(5),
      fc.boolean(),
      (reason, isContradicted, definiteCount, openCount, isPastForgotten) => {
        const sends = { sentCount: definiteCount + openCount, openCount, isPastForgotten };
        const { keepsReference, asksFirst } = decideReference({ reason, isContradicted }, sends);
        const isSafe = !isContradicted && (reason === 'refused' || sends.sentCount === 0);
        expect(keepsReference).toBe(!isSafe);
        // Where a call may have been carried out it is asked about, and under a new reference there is nothing to ask.
        if (keepsReference && (openCount > 0 || isPastForgotten)) expect(asksFirst).toBe(true);
        if (!keepsReference) expect(asksFirst).toBe(false);
      },
    ),
  );
});
