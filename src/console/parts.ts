import type { CallError } from './api.ts';
import { formatMoney, formatName, formatTime } from './format.ts';
import { type Content, html } from './html.ts';

const TONES: Readonly<Record<string, 'good' | 'bad' | 'doubtful' | 'calm'>> = {
  success: 'good',
  succeeded: 'good',
  ok: 'good',
  alive: 'good',
  closed: 'good',
  done: 'good',
  clean: 'good',
  redriven: 'good',
  resolved: 'good',
  matched: 'good',
  executed: 'good',
  failed: 'bad',
  refused: 'bad',
  violated: 'bad',
  lost: 'bad',
  open: 'bad',
  poison: 'bad',
  unknown: 'doubtful',
  outcome_unknown: 'doubtful',
  stale: 'doubtful',
  paused: 'doubtful',
  half_open: 'doubtful',
  differences: 'doubtful',
  stopped: 'doubtful',
  needs_review: 'doubtful',
};

/** A state as a word with a colour; the word says it all. */
export function Badge({ state, tone }: { readonly state: string; readonly tone?: string }) {
  return html`<span class="badge ${tone ?? TONES[state] ?? 'calm'}">${formatName(state)}</span>`;
}

export function Money({ amount, currency }: { readonly amount: number; readonly currency: string }) {
  return html`<span class="number">${formatMoney(amount, currency)}</span>`;
}

export function Time({ at }: { readonly at: string | null }) {
  return at === null ? html`<span>–</span>` : html`<time datetime=${at}>${formatTime(at)}</time>`;
}

export const PaymentLink = ({ id }: { readonly id: number }) => html`<a href="#/payments/${id}">${id}</a>`;
export const UserLink = ({ id }: { readonly id: number }) => html`<a href="#/wallets/${id}">${id}</a>`;

/** What went wrong, and how to go on. */
export function Failure({ error, retry }: { readonly error: CallError; readonly retry?: () => void }) {
  return html`<div class="notice bad" role="alert">
    <p>${error.message}</p>
    <p><small>${error.code}</small>
      ${retry && html` <button type="button" class="secondary outline small" onClick=${retry}>Try again</button>`}
    </p>
  </div>`;
}

export function Empty({ children }: { readonly children?: Content }) {
  return html`<div class="notice calm">${children}</div>`;
}

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Content;
  readonly isNumber?: boolean;
}

/** A table on a wide screen, a list of cards on a narrow one. */
export function Table<Row>({
  caption,
  columns,
  rows,
  error,
  retry,
  more,
  empty,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** undefined while they are on their way. */
  readonly rows: readonly Row[] | undefined;
  readonly error?: CallError | undefined;
  readonly retry?: () => void;
  readonly more?: (() => void) | undefined;
  /** Said when there are none; should help. */
  readonly empty: Content;
}) {
  const failure = error && html`<${Failure} error=${error} retry=${retry} />`;
  if (!rows) return failure ?? html`<p aria-busy="true">Reading …</p>`;
  return html`${failure}
    ${
      rows.length === 0
        ? html`<${Empty}>${empty}</${Empty}>`
        : html`<table>
            <caption class="hidden">${caption}</caption>
            <thead>
              <tr>${columns.map(({ label, isNumber }) => html`<th scope="col" class=${isNumber ? 'number' : ''}>${label}</th>`)}</tr>
            </thead>
            <tbody>
              ${rows.map(
                (row) => html`<tr>
                  ${columns.map(
                    ({ label, cell, isNumber }) =>
                      html`<td data-label=${label} class=${isNumber ? 'number' : ''}>${cell(row)}</td>`,
                  )}
                </tr>`,
              )}
            </tbody>
          </table>`
    }
    ${more && html`<button type="button" class="secondary outline" onClick=${more}>Show older ones</button>`}`;
}

/** Names with values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: Content])[] }) {
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}
