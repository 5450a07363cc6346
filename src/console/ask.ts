import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type CallError, toCallError } from './api.ts';
import { returnFocus } from './dialog-focus.ts';
import { errorOf } from './fields.ts';
import { type Content, html } from './html.ts';

/** Told to the window when an answer was carried out, or may have been. */
export const SOMETHING_DONE = 'tollgate-something-done';
const NAME_KEY = 'tollgate.operator-name';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind?: 'text' | 'long' | 'number';
  readonly isOptional?: boolean;
  readonly value?: string;
  readonly most?: number;
}

/** Who acts; written once and kept in this browser. */
export const WHO: Field = { name: 'by', label: 'Your name', hint: 'Recorded with what you do.', most: 100 };
export const WHY: Field = { name: 'reason', label: 'Reason', kind: 'long', most: 400 };

export interface Question {
  readonly title: string;
  readonly says?: Content;
  readonly fields: readonly Field[];
  /** The word on the button. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Does it; what it throws is shown, and the dialog stays. */
  readonly onSubmit: (values: Readonly<Record<string, string>>) => Promise<unknown>;
}

/** Asks in a dialog and does what is answered. Resolves to whether it was done, or may have been. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const opener = document.activeElement;
    const place = document.createElement('div');
    document.body.append(place);
    const finish = (isDone: boolean) => {
      if (!place.isConnected) return;
      render(null, place);
      place.remove();
      returnFocus(opener);
      if (isDone) dispatchEvent(new Event(SOMETHING_DONE));
      resolve(isDone);
    };
    render(html`<${Dialog} ...${question} finish=${finish} />`, place);
  });
}

function Dialog({
  title,
  says,
  fields,
  action,
  isDangerous,
  onSubmit,
  finish,
}: Question & { readonly finish: (isDone: boolean) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (error) dialog.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [error]);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const data = new FormData(event.target as HTMLFormElement);
    const values = Object.fromEntries(
      [...data].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value !== ''),
    );
    if (values.by) localStorage.setItem(NAME_KEY, values.by);
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(values);
      finish(true);
    } catch (failure) {
      setError(toCallError(failure));
      setBusy(false);
    }
  }

  // The name of a field stands beside what is wrong with it; what is wrong with no field shown here is said in full.
  const isAtFields = error && fields.some(({ name }) => error.ofField(name) !== undefined);
  // Escape while the request is under way: it may be carried out all the same, so the page looks again.
  return html`<dialog ref=${dialog} onClose=${() => finish(isBusy)} aria-labelledby="dialog-title">
    <article>
      <form method="dialog" onSubmit=${submit}>
        <h2 id="dialog-title">${title}</h2>
        ${says && html`<div>${says}</div>`}
        ${fields.map((field) => html`<${Input} key=${field.name} field=${field} error=${error?.ofField(field.name)} />`)}
        ${error && html`<div class="notice bad" role="alert"><p>${error.message}</p>${!isAtFields && fieldProblems(error)}</div>`}
        <footer>
          <button type="button" class="secondary" onClick=${() => finish(isBusy)}>Cancel</button>
          <button type="submit" class=${isDangerous ? 'danger' : ''} aria-busy=${isBusy} aria-disabled=${isBusy}>${action}</button>
        </footer>
      </form>
    </article>
  </dialog>`;
}

function fieldProblems({ answer }: CallError) {
  const errors = answer?.errors ?? [];
  if (errors.length === 0) return null;
  return html`<ul>${errors.map(({ field, message }) => html`<li>${field.replaceAll('_', ' ')}: ${message}</li>`)}</ul>`;
}

function Input({ field, error }: { readonly field: Field; readonly error?: string | undefined }) {
  const { name, label, hint, kind = 'text', isOptional = false, most } = field;
  const first = field.value ?? (name === WHO.name ? (localStorage.getItem(NAME_KEY) ?? '') : '');
  const [value, setValue] = useState(first);
  const id = `dialog-${name}`;
  const { attributes, text } = errorOf(id, error, hint && `${id}-hint`);
  const common = {
    ...attributes,
    name,
    required: !isOptional,
    maxlength: most,
    value,
    onInput: (event: Event) => setValue((event.target as HTMLInputElement).value),
  };
  return html`<div class="field">
    <label for=${id}>${label}${isOptional ? ' (optional)' : ''}</label>
    ${
      kind === 'long'
        ? html`<textarea rows="2" ...${common}></textarea>`
        : html`<input type=${kind} min=${kind === 'number' ? 1 : undefined} max=${kind === 'number' ? most : undefined} autocomplete="off" ...${common} />`
    }
    ${hint && html`<small id="${id}-hint">${hint}</small>`}
    ${text}
  </div>`;
}
