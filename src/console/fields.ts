import { useState } from 'preact/hooks';
import { type Content, html } from './html.ts';
import { PAYMENT_KINDS } from './payment-kinds.ts';

/**
 * An input that keeps what was typed while the page around it is redrawn, and follows `value` when that changes, for example when a person
 * goes back.
 */
export function TextInput({
  value,
  ...attributes
}: {
  readonly value: string;
  readonly [name: string]: unknown;
}) {
  const [written, setWritten] = useState({ over: value, text: value });
  const text = written.over === value ? written.text : value;
  const write = (event: Event) => setWritten({ over: value, text: (event.target as HTMLInputElement).value });
  return html`<input ...${attributes} value=${text} onInput=${write} />`;
}

/** A field's error, and the attributes that associate it with the field for screen readers. */
export function errorOf(id: string, error: string | undefined, hintId?: string) {
  const described = [hintId, error && `${id}-error`].filter(Boolean).join(' ');
  return {
    attributes: {
      id,
      ...(error ? { 'aria-invalid': 'true' } : {}),
      ...(described ? { 'aria-describedby': described } : {}),
    },
    text: error && html`<small id="${id}-error" class="error" role="alert">${error}</small>`,
  };
}

/** A user's id in a search form. */
export function UserField({
  value,
  error,
  isSearch = false,
  isRequired = false,
}: {
  readonly value: string;
  readonly error?: string | undefined;
  /** Whether the / key focuses this field. */
  readonly isSearch?: boolean;
  readonly isRequired?: boolean;
}) {
  const { attributes, text } = errorOf('search-user', error);
  return html`<div class="field">
    <label for="search-user">User ID</label>
    <${TextInput} name="user_id" inputmode="numeric" autocomplete="off" value=${value} required=${isRequired} data-search=${isSearch || undefined} ...${attributes} />
    ${text}
  </div>`;
}

/** A wallet's id in a search form. */
export function WalletField({
  value,
  error,
}: {
  readonly value: string;
  readonly error?: string | undefined;
}) {
  const { attributes, text } = errorOf('search-wallet', error);
  return html`<div class="field">
    <label for="search-wallet">Wallet ID</label>
    <${TextInput} name="wallet_id" inputmode="numeric" autocomplete="off" value=${value} ...${attributes} />
    ${text}
  </div>`;
}

/** A currency in a search form. */
export function CurrencyField({
  value,
  error,
  name = 'currency',
  label = 'Currency',
}: {
  readonly value: string;
  readonly error?: string | undefined;
  readonly name?: string;
  readonly label?: string;
}) {
  const { attributes, text } = errorOf(`search-${name}`, error);
  return html`<div class="field">
    <label for="search-${name}">${label}</label>
    <${TextInput} class="code" name=${name} autocomplete="off" spellcheck=${false} placeholder="any" value=${value} ...${attributes} />
    ${text}
  </div>`;
}

/** A day in a search form, in the time zone of the browser. */
export function DayField({
  name,
  label,
  value,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}) {
  return html`<div class="field">
    <label for="search-${name}">${label}</label>
    <${TextInput} id="search-${name}" type="date" name=${name} value=${value} />
  </div>`;
}

/** A select in a search form. */
export function Choice({
  label,
  name,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: Content])[];
  readonly onChange?: (value: string) => void;
}) {
  const change = onChange && ((event: Event) => onChange((event.target as HTMLSelectElement).value));
  return html`<div class="field">
    <label for="search-${name}">${label}</label>
    <select id="search-${name}" name=${name} onChange=${change}>
      ${options.map(([each, text]) => html`<option value=${each} selected=${each === value}>${text}</option>`)}
    </select>
  </div>`;
}

export const TYPE_OPTIONS: readonly (readonly [value: string, text: string])[] = [
  ['', 'any'],
  ...Object.keys(PAYMENT_KINDS).map((type) => [type, type] as const),
];
