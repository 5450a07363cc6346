import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { currencyMember, idMember } from './event-fields.ts';

const state = z.enum(['open', 'frozen', 'closed']);
const wallet = { wallet_id: idMember, user_id: idMember };
const walletExample = { wallet_id: 7, user_id: 1 };
const changed = z.object({ ...wallet, state, state_before: state });

export const WALLET_EVENTS = {
  'tollgate.wallet.created.v1': defineEvent({
    subject: 'wallet',
    summary: 'A wallet was opened',
    description: 'The first one of a user comes with the user.',
    data: z.object({
      ...wallet,
      currency: currencyMember,
      name: z.string().nullable().meta({ description: 'null for the wallet without a name.' }),
      state,
    }),
    example: { ...walletExample, currency: 'USD', name: null, state: 'open' },
  }),
  'tollgate.wallet.frozen.v1': defineEvent({
    subject: 'wallet',
    summary: 'Nothing more goes out of a wallet',
    description:
      'Also of a closed wallet into which the gateway moved money: it is frozen until a person has looked.',
    data: changed,
    example: { ...walletExample, state: 'frozen', state_before: 'open' },
  }),
  'tollgate.wallet.unfrozen.v1': defineEvent({
    subject: 'wallet',
    summary: 'A wallet that was frozen is open again',
    data: changed,
    example: { ...walletExample, state: 'open', state_before: 'frozen' },
  }),
  'tollgate.wallet.closed.v1': defineEvent({
    subject: 'wallet',
    summary: 'A wallet was closed for good',
    data: changed,
    example: { ...walletExample, state: 'closed', state_before: 'open' },
  }),
};
