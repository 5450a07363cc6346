import type { Violation } from '../violation.ts';
import type { ConversionFacts, LegAmounts, QuotedFacts } from './conversion-facts.sql.ts';

/** I12: a quote is used at most once, before it expires, and what was posted is what was quoted. */
export function decideConversion(conversion: ConversionFacts): Violation[] {
  const faults = findFaults(conversion);
  if (faults.length === 0) return [];
  const detail = faults.join('; ');
  const subject = `conversion:${conversion.conversionId}`;
  return [{ rule: 'conversion_is_as_quoted', subject, fingerprint: detail, detail }];
}

function findFaults({ quoted, settleCount, otherStepCount, posted }: ConversionFacts): string[] {
  const stepCount = settleCount + otherStepCount;
  if (!quoted) return stepCount > 0 ? ['it was posted, and there is no such quote'] : [];
  if (!quoted.isUsed) return stepCount > 0 ? ['it was posted, and its quote was not used'] : [];
  const faults: string[] = [];
  if (!quoted.isInTime) faults.push('its quote was used after it had expired');
  if (settleCount !== 1 || otherStepCount !== 0)
    faults.push(`in the ledger: settle ${settleCount}, other ${otherStepCount}`);
  const expected = legsOf(quoted);
  for (const leg of Object.keys(expected) as (keyof LegAmounts)[]) {
    if (posted[leg] === expected[leg]) continue;
    const currency = leg.endsWith('From') ? quoted.fromCurrency : quoted.toCurrency;
    faults.push(`${NAMES[leg]}: ${posted[leg]} ${currency} posted, ${expected[leg]} quoted`);
  }
  return faults;
}

const NAMES: Readonly<Record<keyof LegAmounts, string>> = {
  walletFrom: 'wallet that gives',
  fxFrom: 'fx that gets',
  feeFrom: 'fee',
  fxTo: 'fx that gives',
  walletTo: 'wallet that gets',
};

function legsOf({ fromMinor, toMinor, spreadMinor }: QuotedFacts): LegAmounts {
  return {
    walletFrom: -fromMinor,
    fxFrom: fromMinor - spreadMinor,
    feeFrom: spreadMinor,
    fxTo: -toMinor,
    walletTo: toMinor,
  };
}
