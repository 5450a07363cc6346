import { z } from 'zod';
import { chargeFee } from '../../../fees/charge-fee.ts';
import { chooseFee } from '../../../fees/choose-fee.ts';
import { effectiveFees } from '../../../fees/effective-fees.ts';
import { listFeesAt } from '../../../fees/read-fees.sql.ts';
import { amountIn, decimalPattern, MOST_CHARACTERS } from '../../describe/amount-field.ts';
import { currencyField, namedCurrencyField } from '../../describe/currency-field.ts';
import { describedAs } from '../../describe/described-as.ts';
import { describedTime } from '../../describe/list-fields.ts';
import { unchargeable } from '../../problems/unchargeable.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { validate } from '../../server/content/validate.ts';
import { defineOperation } from '../../server/operation.ts';
import {
  feeExample,
  feeKindSchema,
  feeListSchema,
  feePreviewExample,
  feePreviewSchema,
} from './fee-schemas.ts';
import { renderFee, renderFeePreview } from './render-fee.ts';

export const FEES_PATH = '/api/v1/currency/fees';
const TAG = 'currency';

/** What is charged, and what an amount would come to. */
export function feeOperations({ config, knex }: ApiContext) {
  const { currency: fallback, feePercent } = config.payments;
  return [
    defineOperation({
      method: 'get',
      path: FEES_PATH,
      id: 'listFees',
      tag: TAG,
      summary: 'List what deposits, withdrawals and transfers cost',
      description:
        'The rows of the schedule that are valid now, or at the moment that you name, and the default for what they leave out. A row that names the currency goes before one for every currency. With `currency`: what goes for it, one of each kind. The default is what the settings say today, whichever moment you name.',
      query: z.strictObject({
        kind: feeKindSchema.optional(),
        currency: namedCurrencyField(),
        at: describedTime('What was or will be valid at this moment, as it is set now.'),
      }),
      access: 'anyone',
      answers: {
        200: {
          description: 'What is charged.',
          schema: feeListSchema,
          example: { at: '2026-01-01T12:00:00.000Z', items: [feeExample] },
        },
      },
      problems: ['validation-failed'],
      async handle({ query: { kind, currency, at: asked } }) {
        const { at, fees } = await listFeesAt(knex, asked);
        const items = effectiveFees(fees, { kind, currency }, feePercent);
        return { status: 200, body: { at: at.toISOString(), items: items.map(renderFee) } };
      },
    }),

    defineOperation({
      method: 'get',
      path: `${FEES_PATH}/preview`,
      id: 'previewFee',
      tag: TAG,
      summary: 'Ask what the fee on an amount is',
      description:
        'Says what each side would have of it if it were accepted at this moment. Nothing is kept: a payment is charged what goes when it is accepted.',
      query: z.strictObject({
        kind: feeKindSchema,
        currency: currencyField({ fallback }),
        amount: z.string({ error: 'is required' }).meta({
          ...describedAs({
            type: 'string',
            pattern: decimalPattern(fallback, 1n),
            maxLength: MOST_CHARACTERS,
          }),
          description: 'An amount in the currency, as a decimal number.',
          example: '50',
        }),
      }),
      access: 'anyone',
      answers: {
        200: {
          description: 'The fee, and what it is taken from.',
          schema: feePreviewSchema,
          example: feePreviewExample,
        },
      },
      problems: ['validation-failed'],
      async handle({ query: { kind, currency, amount } }) {
        const { amount: amountMinor } = validate(amountIn(currency), { amount }, 'query');
        const { fees } = await listFeesAt(knex, undefined);
        const fee = chooseFee(fees, { kind, currency }, feePercent);
        const charge = chargeFee(fee, amountMinor);
        if (charge.kind !== 'charged') throw unchargeable(charge, { field: 'amount', currency });
        return { status: 200, body: renderFeePreview(fee, { amountMinor, currency, charge }) };
      },
    }),
  ];
}
