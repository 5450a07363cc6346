import { z } from 'zod';
import { WALLET_ACTIONS, WALLET_STATES } from '../../../ledger/wallet-state.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const walletSchema = z
  .object({
    id: answeredId,
    user_id: answeredId,
    currency: z.string(),
    name: z.string().nullable().meta({
      description: 'null for the wallet that is meant where the user and the currency are named.',
    }),
    state: z.enum(WALLET_STATES).meta({
      description:
        'open: money goes in and out. frozen: nothing is taken out but for what was promised before. closed: it is empty and stays closed.',
    }),
    ...amountFields({
      balance: 'The sum of all postings.',
      held: 'What withdrawals and refunds in progress hold, including their fees, and what is held for orders.',
      available: 'The balance less what is held.',
    }),
    created_at: timeField,
  })
  .meta({ id: 'Wallet' });

export const walletWithHistorySchema = walletSchema
  .extend({
    history: z
      .array(
        z.object({
          at: timeField,
          action: z.enum(WALLET_ACTIONS).meta({
            description: 'reopen: money that was on its way came in after the wallet was closed.',
          }),
          before: z.enum(WALLET_STATES),
          after: z.enum(WALLET_STATES),
          by: z.string(),
          reason: z.string(),
        }),
      )
      .meta({ description: 'What changed its state, newest first; the last hundred.' }),
  })
  .meta({ id: 'WalletWithHistory' });

export const userWalletsSchema = z.object({ items: z.array(walletSchema) }).meta({ id: 'UserWallets' });

export const walletListSchema = z
  .object({ items: z.array(walletSchema), next_cursor: nextCursorField('wallets') })
  .meta({ id: 'WalletList' });

export const walletExample = {
  id: 12,
  user_id: 1,
  currency: 'EUR',
  name: null,
  state: 'open',
  balance: 196,
  balance_minor: '19600',
  held: 51,
  held_minor: '5100',
  available: 145,
  available_minor: '14500',
  created_at: '2026-01-01T12:00:00.000Z',
};

export const openedWalletExample = {
  ...walletExample,
  balance: 0,
  balance_minor: '0',
  held: 0,
  held_minor: '0',
  available: 0,
  available_minor: '0',
};

export const frozenWalletExample = {
  ...walletExample,
  state: 'frozen',
  history: [
    {
      at: '2026-01-02T12:00:00.000Z',
      action: 'freeze',
      before: 'open',
      after: 'frozen',
      by: 'ana',
      reason: 'the account may have been taken over',
    },
  ],
};
