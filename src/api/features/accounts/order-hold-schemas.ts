import { z } from 'zod';
import { SHOWN_STATUSES } from '../../../order-holds/order-hold.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { externalIdField } from '../../describe/user-name-field.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const orderHoldSchema = z
  .object({
    user_id: answeredId,
    order_id: z.string(),
    wallet_id: answeredId.meta({ description: 'The wallet that it is held of.' }),
    ...amountFields({
      amount: 'What was held in the beginning.',
      captured: 'What was taken from the wallet.',
      released: 'What went back to available.',
      remaining: 'What is still held.',
    }),
    currency: z.string(),
    status: z.enum(SHOWN_STATUSES).meta({
      description:
        '`captured`, `released` and `expired` say what ended the hold: its last capture, a release, or its time; the amounts say how much was captured and released, whatever ended it. `expiring`: its time is over by the clock of the database, so it can no longer be captured or released; what remains is still held, and goes back to available a moment later.',
    }),
    expires_at: timeField,
    created_at: timeField,
    resolved_at: timeField.nullable(),
  })
  .meta({ id: 'OrderHold' });

export const orderHoldListSchema = z
  .object({ items: z.array(orderHoldSchema), next_cursor: nextCursorField('order_holds') })
  .meta({ id: 'OrderHoldList' });

export const orderHoldExample = {
  user_id: 1,
  order_id: 'order-1001',
  wallet_id: 7,
  amount: 30,
  amount_minor: '3000',
  captured: 0,
  captured_minor: '0',
  released: 0,
  released_minor: '0',
  remaining: 30,
  remaining_minor: '3000',
  currency: 'USD',
  status: 'open',
  expires_at: '2026-01-08T12:00:00.000Z',
  created_at: '2026-01-01T12:00:00.000Z',
  resolved_at: null,
};

export const accountSchema = z
  .object({
    user_id: answeredId,
    external_id: externalIdField,
    wallet_id: answeredId,
    ...amountFields({
      balance: 'What the ledger has posted.',
      held: 'What is held: for orders, including holds that are `expiring`, and by withdrawals and refunds under way.',
      available: 'The balance less what is held.',
    }),
    currency: z.string(),
    holds: z.array(orderHoldSchema).meta({
      description: 'The holds of this wallet for orders that are `open` or `expiring`, oldest first.',
    }),
    has_more_holds: z.boolean().meta({ description: 'Whether there are more open holds than are listed.' }),
  })
  .meta({ id: 'Account' });

export const accountExample = {
  user_id: 1,
  external_id: null,
  wallet_id: 7,
  balance: 1000,
  balance_minor: '100000',
  held: 30,
  held_minor: '3000',
  available: 970,
  available_minor: '97000',
  currency: 'USD',
  holds: [orderHoldExample],
  has_more_holds: false,
};
