import type { DeadLetter } from '../answers.ts';
import { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { Money, PaymentLink, Time, UserLink, Words } from '../parts.ts';
import type { Column } from '../table.ts';

interface Actions {
  /** The ids of the selected letters. */
  readonly chosen: ReadonlySet<number>;
  readonly toggle: (id: number) => void;
  readonly redrive: (letter: DeadLetter) => unknown;
  readonly discard: (letter: DeadLetter) => unknown;
}

/** Whether the payment is unknown, not failed, so that its letter cannot be discarded. */
export function hasUnknownOutcome({ reason }: DeadLetter): boolean {
  return reason === 'outcome_unknown' || reason === 'poison';
}

export function deadLetterColumns({
  chosen,
  toggle,
  redrive,
  discard,
}: Actions): readonly Column<DeadLetter>[] {
  return [
    {
      label: 'Select',
      cell: ({ id, action }) =>
        action === null &&
        html`<input type="checkbox" aria-label="Select dead letter ${id}" checked=${chosen.has(id)} onChange=${() => toggle(id)} />`,
    },
    { label: 'Letter', cell: ({ id }) => id },
    { label: 'Payment', cell: ({ payment_id }) => html`<${PaymentLink} id=${payment_id} />` },
    { label: 'User', cell: ({ user_id: user }) => html`<${UserLink} id=${user} />` },
    { label: 'Type', cell: ({ payment_type }) => payment_type },
    {
      label: 'Amount',
      kind: 'number',
      cell: ({ amount_minor, currency }) => html`<${Money} minor=${amount_minor} currency=${currency} />`,
    },
    {
      label: 'Reason',
      kind: 'text',
      cell: ({ reason, error }) =>
        html`<${Badge} of="reason" state=${reason} isSaid /> <small><${Words}>${error}</${Words}></small>`,
    },
    { label: 'Since', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
    {
      label: 'Action',
      kind: 'text',
      cell: (letter) =>
        letter.action === null
          ? html`<div class="buttons">
              <button type="button" class="small" onClick=${() => redrive(letter)}>Redrive</button>
              ${
                hasUnknownOutcome(letter)
                  ? html`<a class="small secondary" role="button" href="#/payments/${letter.payment_id}">Inspect</a>`
                  : html`<button type="button" class="small secondary" onClick=${() => discard(letter)}>Discard</button>`
              }
            </div>`
          : html`<${Badge} of="action" state=${letter.action} isSaid /> <small>by <${Words}>${letter.action_by}</${Words}>${letter.action_reason && html`: <${Words}>${letter.action_reason}</${Words}>`}</small>`,
    },
  ];
}
