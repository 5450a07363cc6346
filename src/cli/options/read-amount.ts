import { formatAmount, parseAmount } from '../../money/decimal-amount.ts';
import { UsageError } from '../usage-error.ts';

/** Minor units that make an example with all the decimals that a currency has: 12.5 in USD, 1250 in JPY. */
const EXAMPLE_MINOR = 1250n;

/**
 * Reads an amount of the command line, which may be 0, in minor units.
 * @param name the option as it is written.
 * @throws UsageError with an amount that the option would take.
 */
export function readAmount(name: string, text: string, currency: string): bigint {
  const parsed = parseAmount(text, currency);
  if (parsed.kind === 'amount' && parsed.amountMinor >= 0n) return parsed.amountMinor;
  throw new UsageError(
    `${name} must be an amount in ${currency}, such as ${formatAmount(EXAMPLE_MINOR, currency)}.`,
  );
}
