import { z } from 'zod';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const walletSchema = z
  .object({
    id: answeredId,
    user_id: answeredId,
    currency: z.string(),
    ...amountFields({
      balance: 'The sum of all postings.',
      held: 'What withdrawals and refunds in progress hold, including their fees.',
      available: 'The balance less what is held.',
    }),
    created_at: timeField,
  })
  .meta({ id: 'Wallet' });

export const userWalletsSchema = z.object({ items: z.array(walletSchema) }).meta({ id: 'UserWallets' });

export const walletListSchema = z
  .object({ items: z.array(walletSchema), next_cursor: nextCursorField('wallets') })
  .meta({ id: 'WalletList' });

export const walletExample = {
  id: 12,
  user_id: 1,
  currency: 'EUR',
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
