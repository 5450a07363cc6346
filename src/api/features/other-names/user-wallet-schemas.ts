import { z } from 'zod';
import { PAYMENT_STATUSES } from '../../../payments/payment.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { answeredUserName } from '../../describe/user-name-field.ts';

const walletFields = {
  ...amountFields({ balance: 'What the ledger has posted.' }),
  currency: z.string(),
  created_at: timeField.meta({ description: 'When the wallet was opened.' }),
  updated_at: timeField.meta({
    description: 'When the balance last changed; when the wallet was opened, if it never did.',
  }),
};

export const userWalletSchema = z
  .object({ user_id: answeredUserName, ...walletFields })
  .meta({ id: 'UserWallet' });

export const userWalletExample = {
  user_id: 1,
  balance: 196,
  balance_minor: '19600',
  currency: 'USD',
  created_at: '2026-01-01T12:00:00.000Z',
  updated_at: '2026-01-01T12:00:01.500Z',
};

const depositFields = {
  payment_id: answeredId,
  ...amountFields({ amount: 'What was deposited, before the fee.' }),
};

export const settledDepositSchema = z
  .object({
    user_id: answeredUserName,
    ...walletFields,
    ...depositFields,
    status: z.literal('success' satisfies (typeof PAYMENT_STATUSES)[number]),
  })
  .meta({ id: 'SettledDeposit' });

export const settledDepositExample = {
  ...userWalletExample,
  payment_id: 1,
  amount: 200,
  amount_minor: '20000',
  status: 'success',
};

export const openDepositSchema = z
  .object({
    user_id: answeredUserName,
    currency: z.string(),
    ...depositFields,
    status: z.enum(PAYMENT_STATUSES).meta({
      description: 'As the payment stood when the wait ended; `Location` says how it stands now.',
    }),
  })
  .meta({ id: 'OpenDeposit' });

export const openDepositExample = {
  user_id: 1,
  currency: 'USD',
  payment_id: 1,
  amount: 200,
  amount_minor: '20000',
  status: 'processing',
};
