import { z } from 'zod';
import { amountField, unreadRequiredAmountField } from '../../describe/amount-field.ts';
import { bodyByCurrency, currencyField, namedCurrencyField } from '../../describe/currency-field.ts';
import { idField } from '../../describe/fields.ts';
import { expiresInField, orderIdField } from './order-fields.ts';

interface Fallback {
  /** The currency that is meant where none is named. */
  readonly fallback: string;
}

/**
 * The schemas for a hold of a user's wallet. Where the body names the wallet, that has the currency, which only the database knows: the
 * amount is then left as it was sent.
 */
export function holdBody({ fallback }: Fallback) {
  const bodyIn = (named: string | undefined) =>
    z.strictObject({
      order_id: orderIdField,
      amount:
        named === undefined
          ? unreadRequiredAmountField({ currency: fallback })
          : amountField({ currency: named, least: 1n }),
      currency: named === undefined ? namedCurrencyField() : currencyField({ fallback }),
      wallet_id: idField.optional().meta({
        description:
          'A wallet of the user. Without it, the one without a name in `currency`; with it, the currency is that of the wallet, and need not be named.',
        example: 7,
      }),
      expires_in_seconds: expiresInField,
    });
  const byCurrency = bodyByCurrency({ fallback, build: bodyIn });
  const ofWallet = bodyIn(undefined);
  return {
    body: byCurrency.body,
    bodyFor: (sent: unknown) => (namesWallet(sent) ? ofWallet : byCurrency.bodyFor(sent)),
  };
}

/** The schema for a hold of a wallet that the path names. */
export function walletHoldBody({ fallback }: Fallback) {
  return z.strictObject({
    order_id: orderIdField,
    amount: unreadRequiredAmountField({ currency: fallback }),
    currency: namedCurrencyField(),
    expires_in_seconds: expiresInField,
  });
}

function namesWallet(sent: unknown): boolean {
  return (sent as { readonly wallet_id?: unknown } | null | undefined)?.wallet_id !== undefined;
}
