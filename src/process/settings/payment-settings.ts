import { z } from 'zod';
import { explainUnusableCurrency } from '../../money/currency.ts';
import { setting } from './setting.ts';
import { days, flag, percent } from './setting-kinds.ts';

const currencyCode = z.string().superRefine((code, context) => {
  const problem = /^[A-Z]{3}$/.test(code)
    ? explainUnusableCurrency(code)
    : 'must be three capital letters, for example USD';
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** The currency and the fee of payments. */
export const paymentSettings = {
  currency: setting('DEFAULT_CURRENCY', currencyCode.default('USD')),
  feePercent: setting('TRANSACTION_FEE', percent.prefault('2')),
  doRefundsReturnFee: setting('REFUND_RETURNS_FEE', flag.default(true)),
};

export const idempotencySettings = {
  isKeyRequired: setting('IDEMPOTENCY_KEY_REQUIRED', flag.default(false)),
  responseTtlMs: setting('IDEMPOTENCY_RESPONSE_TTL_DAYS', days(0.000_001, 3650).default(7 * 86_400_000)),
};
