import { z } from 'zod';
import {
  explainUnknownCurrency,
  isKnownCurrency,
  knownCurrencies,
  NOT_A_CURRENCY,
} from '../../../money/currency.ts';
import { amountField } from '../../describe/amount-field.ts';
import { describedAs } from '../../describe/described-as.ts';
import { idField } from '../../describe/fields.ts';
import { keepBuilt } from '../../describe/keep-built.ts';

const currencyOf = (what: string, example: string) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : NOT_A_CURRENCY) })
    .refine(isKnownCurrency, {
      error: ({ input }) => explainUnknownCurrency(String(input)) ?? NOT_A_CURRENCY,
    })
    .meta({
      ...describedAs({ type: 'string', enum: knownCurrencies().toSorted() }),
      description: what,
      example,
    });

const walletIdField = (side: 'from' | 'to') =>
  idField.optional().meta({
    description: `A wallet of the user in \`${side}\`; without it, the one without a name.`,
    example: side === 'from' ? 7 : 14,
  });

/** The body of a request for a quote, whose amounts are read in the currencies that it names. */
function quoteBodyIn({ from, to }: { readonly from: string; readonly to: string }) {
  return z
    .strictObject({
      user_id: idField,
      from: currencyOf('The currency that is given.', 'USD'),
      to: currencyOf('The currency that is got.', 'EUR'),
      from_wallet_id: walletIdField('from'),
      to_wallet_id: walletIdField('to'),
      amount: amountField({ currency: from, least: 1n }).optional(),
      to_amount: amountField({ currency: to, least: 1n }).optional(),
    })
    .superRefine(({ amount, to_amount: toAmount }, context) => {
      if ((amount === undefined) !== (toAmount === undefined)) return;
      const message =
        amount === undefined ? 'is required, or to_amount instead' : 'must be left out where amount is given';
      context.addIssue({ code: 'custom', path: [amount === undefined ? 'amount' : 'to_amount'], message });
    })
    .meta({ oneOf: [{ required: ['amount'] }, { required: ['to_amount'] }] });
}

const quoteBodyOf = keepBuilt((pair) => {
  const [from = '', to = ''] = pair.split(' ');
  return quoteBodyIn({ from, to });
});

/** What is described; the amounts are in the currencies of the example. */
export const quoteBody = quoteBodyIn({ from: 'USD', to: 'EUR' });

/** The schema for what was sent. Where a currency is not known, that is what is wrong with the body. */
export function quoteBodyFor(sent: unknown): typeof quoteBody {
  const { from, to } = (sent ?? {}) as { readonly from?: unknown; readonly to?: unknown };
  const known = (code: unknown, otherwise: string) =>
    typeof code === 'string' && isKnownCurrency(code) ? code : otherwise;
  return quoteBodyOf(`${known(from, 'USD')} ${known(to, 'EUR')}`);
}
