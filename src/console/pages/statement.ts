import type { StatementLine, Wallet } from '../answers.ts';
import { formatName } from '../format.ts';
import { html } from '../html.ts';
import { ConversionLink, Money, PaymentLink, Time, Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { useList, useReloadWith } from '../use-api.ts';

const COLUMNS: readonly Column<StatementLine>[] = [
  { label: 'Posted', cell: ({ at }) => html`<${Time} at=${at} />` },
  { label: 'What for', kind: 'text', cell: describeLine },
  {
    label: 'Amount',
    kind: 'number',
    cell: ({ amount_minor, currency }) => html`<${Money} minor=${amount_minor} currency=${currency} />`,
  },
  {
    label: 'Balance after',
    kind: 'number',
    cell: ({ balance_after_minor, currency }) =>
      html`<${Money} minor=${balance_after_minor} currency=${currency} />`,
  },
];

/**
 * What was posted to a wallet.
 * @param changing a value that is another one when something was posted.
 */
export function Statement({ wallet, changing }: { readonly wallet: Wallet; readonly changing: string }) {
  const statement = useList<StatementLine>(`/api/v1/wallets/${wallet.id}/statement`);
  useReloadWith(changing, statement.reload);
  return html`<h2>Statement</h2>
    <${Table} caption="Postings, newest first" columns=${COLUMNS} rows=${statement.items} keyOf=${({ transaction_id }: StatementLine) => transaction_id} error=${statement.error}
      retry=${statement.reload} more=${statement.more} empty="Nothing has been posted to this wallet yet." />`;
}

function describeLine({
  payment_id: payment,
  order_id: order,
  transfer_id: transfer,
  conversion_id: conversion,
  step,
  reference,
}: StatementLine) {
  if (order !== null) return html`order <${Words}>${order}</${Words}> (captured)`;
  if (payment !== null) return html`payment <${PaymentLink} id=${payment} /> (${formatName(step)})`;
  if (conversion !== null) return html`conversion <${ConversionLink} id=${conversion} />`;
  if (transfer !== null) return `transfer ${transfer}`;
  if (reference.startsWith('user:')) return 'opening balance';
  return html`${formatName(step)} (<${Words}>${reference}</${Words}>)`;
}
