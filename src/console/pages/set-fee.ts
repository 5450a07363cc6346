import type { Fee } from '../answers.ts';
import { call } from '../api.ts';
import { ask, type Field, WHO, WHY } from '../ask.ts';
import { html } from '../html.ts';

const KINDS = [
  ['deposit', 'deposits'],
  ['withdrawal', 'withdrawals'],
  ['transfer', 'transfers'],
] as const;
const PAYERS = [
  ['', 'as usual'],
  ['sender', 'the sender: on top of what the recipient gets'],
  ['recipient', 'the recipient: out of what the sender gives'],
] as const;

/** The dialog that adds a row to the schedule of fees. Returns whether it was sent. */
export async function askToSetFee(fee?: Fee): Promise<boolean> {
  const amount = (name: 'fixed' | 'least' | 'most', label: string): Field => ({
    name,
    label,
    isOptional: true,
    value: fee?.[name] === null || fee === undefined ? '' : String(fee[name]),
  });
  return await ask({
    title: fee ? `Change the fee on ${fee.kind}s` : 'Set a fee',
    says: html`<p>Payments that are accepted from then on are charged this. Those that were accepted before keep their fee.</p>`,
    fields: [
      { name: 'kind', label: 'For', choices: KINDS, value: fee?.kind ?? 'withdrawal' },
      {
        name: 'currency',
        label: 'Currency',
        hint: 'Without one: every currency that has no row of its own, and a percentage only.',
        isOptional: true,
        value: fee?.currency ?? '',
      },
      {
        name: 'percent',
        label: 'Percent',
        hint: 'At most four decimals, such as 1.5.',
        isOptional: true,
        value: fee?.percent ?? '',
      },
      amount('fixed', 'Added to it'),
      amount('least', 'At least'),
      amount('most', 'At most'),
      { name: 'payer', label: 'Paid by', choices: PAYERS, isOptional: true, value: fee?.payer ?? '' },
      {
        name: 'valid_from',
        label: 'From',
        kind: 'moment',
        hint: 'In your time zone; now where nothing is entered.',
        isOptional: true,
      },
      WHO,
      WHY,
    ],
    action: 'Set the fee',
    isDangerous: true,
    async onSubmit({ currency, ...values }) {
      const named = currency === undefined ? {} : { currency: currency.toUpperCase() };
      await call('POST', '/api/v1/currency/fees', { ...values, ...named });
      return `The fee on ${values.kind}s was set.`;
    },
  });
}

/** The dialog that ends a row of the schedule. Returns whether it was sent. */
export async function askToEndFee({ id, kind, currency }: Fee): Promise<boolean> {
  return await ask({
    title: `End the fee on ${kind}s in ${currency ?? 'every other currency'}`,
    says: html`<p>From then on a less specific row goes, or the one of the settings.</p>`,
    fields: [
      {
        name: 'valid_to',
        label: 'At',
        kind: 'moment',
        hint: 'In your time zone; now where nothing is entered.',
        isOptional: true,
      },
      WHO,
      WHY,
    ],
    action: 'End it',
    isDangerous: true,
    async onSubmit(values) {
      await call('POST', `/api/v1/currency/fees/${id}/end`, values);
      return `The fee on ${kind}s was given an end.`;
    },
  });
}
