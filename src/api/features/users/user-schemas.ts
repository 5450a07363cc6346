import { z } from 'zod';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { externalIdField } from '../../describe/user-name-field.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const userSchema = z
  .object({
    id: answeredId,
    external_id: externalIdField,
    ...amountFields({
      balance: 'The sum of all postings.',
      available: 'The balance less what is held.',
      pending_out:
        'What is held: by withdrawals and refunds in progress, including their fees, and for orders.',
      pending_in: 'What deposits in progress will add, after their fees.',
    }),
    currency: z.string(),
    created_at: timeField,
  })
  .meta({ id: 'User' });

export const userExample = {
  id: 1,
  external_id: null,
  balance: 1000,
  balance_minor: '100000',
  available: 949,
  available_minor: '94900',
  pending_out: 51,
  pending_out_minor: '5100',
  pending_in: 196,
  pending_in_minor: '19600',
  currency: 'USD',
  created_at: '2026-01-01T12:00:00.000Z',
};

export const statementSchema = z
  .object({
    items: z.array(
      z.object({
        transaction_id: z.int(),
        at: timeField,
        reference: z.string(),
        step: z.string(),
        payment_id: answeredId.nullable(),
        transfer_id: answeredId.nullable(),
        conversion_id: answeredId.nullable(),
        currency: z.string(),
        order_id: z.string().nullable().meta({ description: 'The order whose hold was captured.' }),
        ...amountFields({
          amount: 'What was added to the wallet; negative if it was taken from it, including the fee.',
          balance_after: undefined,
        }),
      }),
    ),
    next_cursor: nextCursorField('statement'),
  })
  .meta({ id: 'Statement' });

export const statementExample = {
  items: [
    {
      transaction_id: 7,
      at: '2026-01-01T12:00:00.120Z',
      reference: 'payment:1',
      step: 'settle',
      payment_id: 1,
      transfer_id: null,
      conversion_id: null,
      order_id: null,
      currency: 'USD',
      amount: 196,
      amount_minor: '19600',
      balance_after: 1196,
      balance_after_minor: '119600',
    },
  ],
  next_cursor: null,
};
