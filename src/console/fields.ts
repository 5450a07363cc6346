import { useState } from 'preact/hooks';
import { type Content, html } from './html.ts';

/**
 * An input that keeps what is typed while the page around it is drawn again, and follows `value` when that changes, as it
 * does when a person goes back.
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

/** What is wrong with a field, and the attributes that tie it to the field for a screen reader. */
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
  /** Whether the key / goes here. */
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

/** A choice in a search form. */
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

export const TYPE_OPTIONS = [
  ['', 'any'],
  ['deposit', 'deposit'],
  ['withdraw', 'withdraw'],
  ['refund', 'refund'],
] as const;

/** What a payment of each type is called in a sentence. */
export const TYPE_NAMES = { deposit: 'deposit', withdraw: 'withdrawal', refund: 'refund' } as const;
