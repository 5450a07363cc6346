import { z } from 'zod';
import { FEE_PAYERS } from '../../../fees/fee.ts';
import {
  explainTerms,
  FEE_AMOUNTS,
  FEE_PERCENT_PATTERN,
  FEE_PERCENT_RULE,
  parseFeePercent,
} from '../../../fees/given-terms.ts';
import { isKnownCurrency } from '../../../money/currency.ts';
import { ExactNumber } from '../../../money/exact-number.ts';
import { amountField } from '../../describe/amount-field.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { describedAs } from '../../describe/described-as.ts';
import { nameField, textField } from '../../describe/fields.ts';
import { keepBuilt } from '../../describe/keep-built.ts';
import { describedTime } from '../../describe/list-fields.ts';
import { feeKindSchema } from './fee-schemas.ts';

/** Who changes the schedule, and why. */
export const changedByFields = {
  by: nameField({ most: 100 }).optional(),
  reason: textField({ most: 500 }),
};

/** A percentage as a number or as text, read exactly. */
const percentField = z
  .any()
  .transform((value, context) => {
    const isRead = typeof value === 'string' || typeof value === 'number' || value instanceof ExactNumber;
    const percent = isRead ? parseFeePercent(String(value)) : undefined;
    if (percent) return percent;
    context.addIssue({ code: 'custom', message: FEE_PERCENT_RULE });
    return z.NEVER;
  })
  .meta({
    ...describedAs({
      anyOf: [
        { type: 'number', minimum: 0, exclusiveMaximum: 100, multipleOf: 0.0001 },
        { type: 'string', pattern: FEE_PERCENT_PATTERN },
      ],
    }),
    description: 'The share of the amount that is the fee, in percent, with at most four decimals.',
    example: '1.5',
  });

function feeBodyIn(currency: string) {
  const amount = () => amountField({ currency, least: 0n }).optional();
  return z
    .strictObject({
      kind: feeKindSchema,
      currency: namedCurrencyField(),
      percent: percentField.optional(),
      fixed: amount(),
      least: amount(),
      most: amount(),
      payer: z.enum(FEE_PAYERS).optional(),
      valid_from: describedTime('When it begins; now if it is left out. Cut off behind the milliseconds.'),
      ...changedByFields,
    })
    .superRefine((body, context) => {
      for (const { field, message } of explainTerms(body))
        context.addIssue({ code: 'custom', path: [field], message });
    })
    .meta({
      anyOf: [{ required: ['percent'] }, { required: ['fixed'] }],
      dependentRequired: Object.fromEntries(FEE_AMOUNTS.map((field) => [field, ['currency']])),
    });
}

const feeBodyOf = keepBuilt(feeBodyIn);

/** The schemas of the body: what is described, in the default currency, and the one for what was sent. */
export function feeBody(fallback: string) {
  return {
    body: feeBodyOf(fallback),
    bodyFor(sent: unknown) {
      const named = (sent as { readonly currency?: unknown } | null | undefined)?.currency;
      return feeBodyOf(typeof named === 'string' && isKnownCurrency(named) ? named : fallback);
    },
  };
}
