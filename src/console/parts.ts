import type { CallError } from './api.ts';
import { formatMoney, formatName, formatTime } from './format.ts';
import { type Content, html } from './html.ts';

export function Money({ minor, currency }: { readonly minor: string; readonly currency: string }) {
  return html`<span class="number">${formatMoney(minor, currency)}</span>`;
}

/** Text that other people wrote, isolated so that right-to-left text does not reorder what stands beside it. */
export function Words({ children }: { readonly children?: Content }) {
  return html`<bdi>${children}</bdi>`;
}

export function Time({ at }: { readonly at: string | null }) {
  return at === null ? html`<span>never</span>` : html`<time datetime=${at}>${formatTime(at)}</time>`;
}

export const PaymentLink = ({ id }: { readonly id: number }) => html`<a href="#/payments/${id}">${id}</a>`;
export const UserLink = ({ id }: { readonly id: number }) => html`<a href="#/wallets/${id}">${id}</a>`;

export const ConversionLink = ({ id }: { readonly id: number }) =>
  html`<a href="#/conversions/${id}">${id}</a>`;

/** A wallet, called by its currency or by what else it is known by where it is shown. */
export const WalletLink = ({
  user,
  id,
  children,
}: {
  readonly user: number;
  readonly id: number;
  readonly children?: Content;
}) => html`<a href="#/wallets/${user}?wallet=${id}">${children}</a>`;
/** Where else a user's money is to be looked at. */
export const UserPlaces = ({ id }: { readonly id: number | string }) =>
  html`<a href="#/payments?user_id=${encodeURIComponent(id)}">payments</a>, <a href="#/holds?state=all&user_id=${encodeURIComponent(id)}">holds for orders</a>, <a href="#/conversions?user_id=${encodeURIComponent(id)}">conversions</a>`;

/** What went wrong, and how to continue. */
export function Failure({ error, retry }: { readonly error: CallError; readonly retry?: () => void }) {
  return html`<div class="notice bad" role="alert">
    <p>${error.message}</p>
    <${FieldProblems} error=${error} />
    ${retry && error.code !== 'validation-failed' && html`<p><button type="button" class="secondary outline small" onClick=${retry}>Try again</button></p>`}
  </div>`;
}

/** What is not valid, field by field. */
export function FieldProblems({ error: { answer } }: { readonly error: CallError }) {
  const errors = answer?.errors ?? [];
  if (errors.length === 0) return null;
  return html`<ul>${errors.map(({ field, message }) => html`<li>${formatName(field)} ${message}</li>`)}</ul>`;
}

export function Empty({ children }: { readonly children?: Content }) {
  return html`<div class="notice calm">${children}</div>`;
}

export const Loading = () => html`<p aria-busy="true">Loading …</p>`;

/** A list of names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: Content])[] }) {
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}
