import { NO_FEE, percentOnly } from '../money/fee.ts';
import type { Percent } from '../money/percent.ts';
import { type Fee, type FeeKind, USUAL_PAYERS } from './fee.ts';

/**
 * The fee for something of this kind and currency: the valid row that names the currency, or else the one for every currency, or else what
 * the settings say. Pure.
 * @param valid the rows of the schedule that are valid at the moment that counts, at most one for each kind and currency.
 * @param defaultPercent TRANSACTION_FEE.
 */
export function chooseFee<Row extends Fee>(
  valid: readonly Row[],
  { kind, currency }: { readonly kind: FeeKind; readonly currency: string },
  defaultPercent: Percent,
): Row | Fee {
  const rows = valid.filter((row) => row.kind === kind);
  return (
    rows.find((row) => row.currency === currency) ??
    rows.find((row) => row.currency === null) ??
    defaultFee(kind, defaultPercent)
  );
}

/** What is charged where the schedule has no row: TRANSACTION_FEE where a gateway takes part, and nothing between two wallets. */
export function defaultFee(kind: FeeKind, defaultPercent: Percent): Fee {
  const terms = kind === 'transfer' ? NO_FEE : percentOnly(defaultPercent);
  return { kind, currency: null, payer: USUAL_PAYERS[kind], terms };
}
