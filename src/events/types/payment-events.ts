import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { amountMembers, currencyMember, idMember, idOrNullMember } from './event-fields.ts';

/** What never changes of a payment. */
const payment = {
  payment_id: idMember,
  user_id: idMember,
  wallet_id: idMember,
  type: z.enum(['deposit', 'withdraw', 'refund']),
  ...amountMembers({ amount: 'What was asked for.', commission: 'The fee.' }),
  fee_payer: z.enum(['sender', 'recipient']),
  currency: currencyMember,
  redrive_of: idOrNullMember.meta({ description: 'The failed payment that was redriven as this one.' }),
  refund_of: idOrNullMember.meta({ description: 'The deposit that this refund gives back.' }),
};
const reason = z.string().nullable().meta({ description: 'Why, as the API shows it in `last_error`.' });

const paymentExample = {
  payment_id: 42,
  user_id: 1,
  wallet_id: 7,
  type: 'deposit',
  amount: '200',
  amount_minor: '20000',
  commission: '4',
  commission_minor: '400',
  fee_payer: 'recipient',
  currency: 'USD',
  redrive_of: null,
  refund_of: null,
} as const;

export const PAYMENT_EVENTS = {
  'tollgate.payment.accepted.v1': defineEvent({
    subject: 'payment',
    summary: 'A payment was accepted and will be carried out',
    description: 'What a withdrawal needs is held from now on.',
    data: z.object({ ...payment, status: z.literal('processing') }),
    example: { ...paymentExample, status: 'processing' },
  }),
  'tollgate.payment.succeeded.v1': defineEvent({
    subject: 'payment',
    summary: 'The gateway moved the money of a payment, and the ledger has it',
    description: 'Final.',
    data: z.object({ ...payment, status: z.literal('success'), gateway_reference: z.string().nullable() }),
    example: { ...paymentExample, status: 'success', gateway_reference: 'gw-1' },
  }),
  'tollgate.payment.failed.v1': defineEvent({
    subject: 'payment',
    summary: 'A payment failed: its money did not move',
    description:
      'Also of a payment that was refused when it came, because its wallet had too little; that one was never accepted.',
    data: z.object({ ...payment, status: z.literal('failed'), last_error: reason }),
    example: { ...paymentExample, status: 'failed', last_error: 'refused: card expired' },
  }),
  'tollgate.payment.unknown.v1': defineEvent({
    subject: 'payment',
    summary: 'It is not known whether the money of a payment moved',
    description: 'It is not failed: what is held stays held, and the gateway is asked again and again.',
    data: z.object({ ...payment, status: z.literal('unknown'), last_error: reason }),
    example: { ...paymentExample, status: 'unknown', last_error: 'no answer within 10 s' },
  }),
  'tollgate.payment.redriven.v1': defineEvent({
    subject: 'payment',
    summary: 'A payment of unknown outcome was sent back to the queue',
    description:
      'It is carried out once more: the gateway is asked first whether it was carried out already. A failed payment that is redriven stays failed; the new payment that replaces it is told as accepted, with `redrive_of`.',
    data: z.object({ ...payment, status: z.literal('processing') }),
    example: { ...paymentExample, status: 'processing' },
  }),
  'tollgate.payment.resolved.v1': defineEvent({
    subject: 'payment',
    summary: 'The outcome of a payment that was unknown until now is known',
    description: 'It comes right after the event that says how the payment ended.',
    data: z.object({
      ...payment,
      status: z.enum(['success', 'failed']),
      resolved_by: z.enum(['gateway', 'operator']),
    }),
    example: { ...paymentExample, status: 'success', resolved_by: 'gateway' },
  }),
  'tollgate.payment.refunded.v1': defineEvent({
    subject: 'payment',
    summary: 'A part or all of a deposit was given back',
    description: 'Its subject is the deposit. The refund is a payment with events of its own.',
    data: z.object({
      payment_id: idMember.meta({ description: 'The deposit.' }),
      refund_id: idMember.meta({ description: 'The payment that gave it back.' }),
      user_id: idMember,
      wallet_id: idMember,
      ...amountMembers({ amount: 'What was given back.', commission: 'The part of the fee that came back.' }),
      currency: currencyMember,
    }),
    example: {
      payment_id: 42,
      refund_id: 43,
      user_id: 1,
      wallet_id: 7,
      amount: '50',
      amount_minor: '5000',
      commission: '0',
      commission_minor: '0',
      currency: 'USD',
    },
  }),
};
