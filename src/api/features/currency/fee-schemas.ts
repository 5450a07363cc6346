import { z } from 'zod';
import { FEE_KINDS, FEE_SOURCES } from '../../../fees/fee.ts';
import { FEE_ACTIONS } from '../../../fees/fee-change.ts';
import { amountFields, minorField } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { feePayerSchema } from '../../describe/payment-fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

const optionalAmount = <Name extends string>(name: Name, meaning: string) =>
  ({
    [name]: z
      .number()
      .nullable()
      .meta({ description: `${meaning}; null: it has none.` }),
    [`${name}_minor`]: minorField
      .nullable()
      .meta({ description: `\`${name}\` in minor units of the currency, as a string.` }),
  }) as Record<Name, z.ZodNullable<z.ZodNumber>> & Record<`${Name}_minor`, z.ZodNullable<z.ZodString>>;

export const feeKindSchema = z.enum(FEE_KINDS).meta({ example: 'withdrawal' });

export const feeSchema = z
  .object({
    id: answeredId.nullable().meta({ description: 'null: it is the default.' }),
    source: z.enum(FEE_SOURCES).meta({
      description:
        '`default`: the schedule has no row for it. TRANSACTION_FEE goes for deposits and withdrawals, and transfers cost nothing.',
    }),
    kind: feeKindSchema,
    currency: z
      .string()
      .nullable()
      .meta({ description: 'null: every currency that no valid row of the same kind names.' }),
    percent: z
      .string()
      .regex(/^[0-9]{1,2}(?:\.[0-9]+)?$/)
      .meta({ description: 'The share of the amount in percent, exactly, as text.' }),
    ...optionalAmount('fixed', 'What is added to the share'),
    ...optionalAmount('least', 'The fee is never less'),
    ...optionalAmount('most', 'The fee is never more'),
    payer: feePayerSchema,
    valid_from: timeField.nullable().meta({ description: 'null: it is the default.' }),
    valid_to: timeField.nullable().meta({
      description:
        'The first moment at which it is not valid; null: no end is set. The same as `valid_from`: it was withdrawn before it began.',
    }),
  })
  .meta({ id: 'Fee' });

export const feeExample = {
  id: 1,
  source: 'schedule',
  kind: 'withdrawal',
  currency: 'EUR',
  percent: '1.5',
  fixed: 0.3,
  fixed_minor: '30',
  least: 0.5,
  least_minor: '50',
  most: null,
  most_minor: null,
  payer: 'recipient',
  valid_from: '2026-01-01T12:00:00.000Z',
  valid_to: null,
};

export const feeListSchema = z
  .object({
    at: timeField.meta({ description: 'The moment that was asked about.' }),
    items: z.array(feeSchema),
  })
  .meta({ id: 'Fees' });

export const feePreviewSchema = z
  .object({
    kind: feeKindSchema,
    currency: z.string(),
    ...amountFields({
      amount: 'What is asked for.',
      commission: 'The fee on it.',
      sender_gives:
        'What leaves the sender: for a withdrawal or a transfer, what the wallet that gives must have available.',
      recipient_gets: 'What reaches the recipient: for a deposit or a transfer, what its wallet gets.',
    }),
    gateway_amount: z
      .number()
      .nullable()
      .meta({ description: 'What the gateway would be asked to move; null for a transfer.' }),
    gateway_amount_minor: minorField
      .nullable()
      .meta({ description: '`gateway_amount` in minor units, as a string.' }),
    fee: feeSchema,
  })
  .meta({ id: 'FeePreview' });

export const feePreviewExample = {
  kind: 'withdrawal',
  currency: 'EUR',
  amount: 50,
  amount_minor: '5000',
  commission: 1.05,
  commission_minor: '105',
  sender_gives: 50,
  sender_gives_minor: '5000',
  recipient_gets: 48.95,
  recipient_gets_minor: '4895',
  gateway_amount: 48.95,
  gateway_amount_minor: '4895',
  fee: feeExample,
};

export const feeChangeSchema = z
  .object({
    id: answeredId,
    action: z.enum(FEE_ACTIONS).meta({
      description:
        'set: a row was added. end: one was given an end. withdraw: one that had not begun was withdrawn, and what it was to end goes on.',
    }),
    at: timeField.meta({ description: 'When it was changed.' }),
    effective_at: timeField.meta({ description: 'From then on `after` goes instead of `before`.' }),
    by: z.string(),
    reason: z.string(),
    before: feeSchema.nullable().meta({
      description: 'null: no row of this kind and currency, so a less specific one or the default.',
    }),
    after: feeSchema.nullable().meta({ description: 'null: the same.' }),
  })
  .meta({
    id: 'FeeChange',
    description: 'A change of the schedule; the rows are shown with the ends that they have now.',
  });

export const feeChangeExample = {
  id: 1,
  action: 'set',
  at: '2026-01-01T12:00:00.000Z',
  effective_at: '2026-01-01T12:00:00.000Z',
  by: 'ana',
  reason: 'the new contract with the bank',
  before: null,
  after: feeExample,
};

export const feeChangeListSchema = z
  .object({ items: z.array(feeChangeSchema), next_cursor: nextCursorField('fee_changes') })
  .meta({ id: 'FeeChangeList' });
