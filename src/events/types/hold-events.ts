import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { amountMembers, currencyMember, idMember, idOrNullMember, timeMember } from './event-fields.ts';

const hold = {
  hold_id: idMember,
  user_id: idMember,
  wallet_id: idMember,
  order_id: z.string(),
  ...amountMembers({
    amount: 'What was held at first.',
    captured: 'What was captured of it so far.',
    released: 'What went back to available.',
    remaining: 'What is still held.',
  }),
  currency: currencyMember,
  status: z.enum(['open', 'captured', 'released', 'expired']),
  expires_at: timeMember,
};
const holdExample = {
  hold_id: 3,
  user_id: 1,
  wallet_id: 7,
  order_id: 'order-1001',
  amount: '30',
  amount_minor: '3000',
  captured: '0',
  captured_minor: '0',
  released: '0',
  released_minor: '0',
  remaining: '30',
  remaining_minor: '3000',
  currency: 'USD',
  status: 'open',
  expires_at: '2026-01-08T12:00:00.000Z',
} as const;
const none = { remaining: '0', remaining_minor: '0' };

export const HOLD_EVENTS = {
  'tollgate.hold.placed.v1': defineEvent({
    subject: 'hold',
    summary: 'Money of a wallet is held for an order',
    data: z.object(hold),
    example: holdExample,
  }),
  'tollgate.hold.captured.v1': defineEvent({
    subject: 'hold',
    summary: 'What was held for an order was captured, in part or all of it',
    description:
      'If `status` is still `open`, the rest stays held; otherwise the rest went back to available.',
    data: z.object({
      ...hold,
      ...amountMembers({ captured_now: 'What this capture took.' }),
      to_user_id: idOrNullMember.meta({ description: 'Who got it; null for the house.' }),
      to_wallet_id: idOrNullMember.meta({ description: 'The wallet that got it; null for the house.' }),
    }),
    example: {
      ...holdExample,
      ...none,
      captured: '20',
      captured_minor: '2000',
      released: '10',
      released_minor: '1000',
      status: 'captured',
      captured_now: '20',
      captured_now_minor: '2000',
      to_user_id: 2,
      to_wallet_id: 15,
    },
  }),
  'tollgate.hold.released.v1': defineEvent({
    subject: 'hold',
    summary: 'What was held for an order went back to available',
    data: z.object(hold),
    example: { ...holdExample, ...none, released: '30', released_minor: '3000', status: 'released' },
  }),
  'tollgate.hold.expired.v1': defineEvent({
    subject: 'hold',
    summary: 'The time of a hold is over, and what was left of it went back to available',
    data: z.object(hold),
    example: { ...holdExample, ...none, released: '30', released_minor: '3000', status: 'expired' },
  }),
};
