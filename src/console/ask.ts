import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallError } from './api.ts';
import { type Content, html } from './html.ts';

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
export const WHO: Field = { name: 'by', label: 'Your name', hint: 'It is kept with what you do.', most: 100 };
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

/** Asks in a dialog and does what is answered. Resolves to whether it was done. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const place = document.createElement('div');
    document.body.append(place);
    const finish = (isDone: boolean) => {
      render(null, place);
      place.remove();
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
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  useEffect(() => dialog.current?.showModal(), []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
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
      setError(failure instanceof CallError ? failure.message : String(failure));
      setBusy(false);
    }
  }

  return html`<dialog ref=${dialog} onClose=${() => finish(false)} aria-labelledby="dialog-title">
    <article>
      <form method="dialog" onSubmit=${submit}>
        <h2 id="dialog-title">${title}</h2>
        ${says && html`<div>${says}</div>`}
        ${fields.map((field) => html`<${Input} field=${field} />`)}
        ${error && html`<div class="notice bad" role="alert"><p>${error}</p></div>`}
        <footer>
          <button type="button" class="secondary" onClick=${() => finish(false)}>Cancel</button>
          <button type="submit" class=${isDangerous ? 'danger' : ''} aria-busy=${isBusy} disabled=${isBusy}>${action}</button>
        </footer>
      </form>
    </article>
  </dialog>`;
}

function Input({ field }: { readonly field: Field }) {
  const { name, label, hint, kind = 'text', isOptional = false, most } = field;
  const value = field.value ?? (name === WHO.name ? (localStorage.getItem(NAME_KEY) ?? '') : '');
  const common = { name, required: !isOptional, maxlength: most };
  return html`<label>
    ${label}${isOptional ? ' (if you like)' : ''}
    ${
      kind === 'long'
        ? html`<textarea rows="2" ...${common}>${value}</textarea>`
        : html`<input type=${kind} min=${kind === 'number' ? 1 : undefined} value=${value} ...${common} />`
    }
    ${hint && html`<small>${hint}</small>`}
  </label>`;
}
