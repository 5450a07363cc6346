import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { amountMembers, currencyMember, idMember } from './event-fields.ts';

/** Money that was moved inside the house, at once and for good. */
export const MOVEMENT_EVENTS = {
  'tollgate.transfer.completed.v1': defineEvent({
    subject: 'transfer',
    summary: 'Money went from one wallet to another',
    data: z.object({
      transfer_id: idMember,
      from_wallet_id: idMember,
      from_user_id: idMember,
      to_wallet_id: idMember,
      to_user_id: idMember,
      ...amountMembers({ amount: 'What was asked for.', commission: 'The fee.' }),
      fee_payer: z.enum(['sender', 'recipient']),
      currency: currencyMember,
    }),
    example: {
      transfer_id: 5,
      from_wallet_id: 7,
      from_user_id: 1,
      to_wallet_id: 15,
      to_user_id: 2,
      amount: '30',
      amount_minor: '3000',
      commission: '0',
      commission_minor: '0',
      fee_payer: 'sender',
      currency: 'USD',
    },
  }),
  'tollgate.conversion.completed.v1': defineEvent({
    subject: 'conversion',
    summary: 'Money of a user changed its currency',
    data: z.object({
      conversion_id: idMember,
      user_id: idMember,
      from_wallet_id: idMember,
      to_wallet_id: idMember,
      ...amountMembers({
        from_amount: 'What was given, in `from_currency`.',
        to_amount: 'What was got, in `to_currency`.',
        spread: 'What the house kept of `from_amount`.',
      }),
      from_currency: currencyMember,
      to_currency: currencyMember,
    }),
    example: {
      conversion_id: 9,
      user_id: 1,
      from_wallet_id: 7,
      to_wallet_id: 14,
      from_amount: '100',
      from_amount_minor: '10000',
      to_amount: '91.08',
      to_amount_minor: '9108',
      spread: '0.5',
      spread_minor: '50',
      from_currency: 'USD',
      to_currency: 'EUR',
    },
  }),
};
