import { z } from 'zod';
import type { Money } from '../../../money/money.ts';
import { amountField } from '../../describe/amount-field.ts';
import { keepBuilt } from '../../describe/keep-built.ts';
import { validate } from '../../server/content/validate.ts';

/**
 * Reads the amount of a request about a wallet, in the currency of that wallet, which is known only now.
 * @param sent the amount as it was sent, and the currency if it was named.
 * @param field what the amount is called.
 * @throws Problem where the amount does not fit the currency, or another currency was named.
 */
export function readFittingMoney(
  currency: string,
  sent: Readonly<Record<string, unknown>>,
  field: 'amount' | 'deposit' = 'amount',
): Money {
  return { amountMinor: validate(fitting[field](currency), sent, 'body')[field] as bigint, currency };
}

const fittingAs = (field: string) =>
  keepBuilt((currency) =>
    z.object({
      [field]: amountField({ currency, least: 1n }),
      currency: z.literal(currency, `must be ${currency}, the currency of the wallet`).optional(),
    }),
  );
const fitting = { amount: fittingAs('amount'), deposit: fittingAs('deposit') };
