import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from './announce.ts';
import { type CallError, createKey, toCallError } from './api.ts';
import { returnFocus } from './dialog-focus.ts';
import { errorOf } from './fields.ts';
import { type Content, html } from './html.ts';
import { FieldProblems } from './parts.ts';

/** Dispatched on the window when an action was carried out, or may have been. */
export const SOMETHING_DONE = 'tollgate-something-done';
const NAME_KEY = 'tollgate.operator-name';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** `moment`: a day and a time of day in the browser's time zone, which the API is told with its offset. */
  readonly kind?: 'text' | 'long' | 'number' | 'moment';
  /** What there is to choose from, in place of typing. */
  readonly choices?: readonly (readonly [value: string, text: string])[];
  readonly isOptional?: boolean;
  readonly value?: string;
  /**
   * The largest number. Text has no limit here: the API reports text that is too long, while a field with a limit would cut it silently.
   */
  readonly most?: number;
}

/** The operator's name; entered once and remembered in this browser. */
export const WHO: Field = { name: 'by', label: 'Your name', hint: 'Recorded with what you do.' };
export const WHY: Field = { name: 'reason', label: 'Reason', kind: 'long' };

export interface Question {
  readonly title: string;
  readonly says?: Content;
  readonly fields: readonly Field[];
  /** The word on the button. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /**
   * Carries out the action and returns what to announce. If it throws, the dialog shows the error and stays open.
   * @param key an idempotency key, the same each time this dialog is submitted.
   */
  readonly onSubmit: (values: Readonly<Record<string, string>>, key: string) => Promise<string | undefined>;
}

/**
 * Asks in a dialog, carries out the action and announces that it was done. Resolves to whether anything was sent: whatever the result, the
 * page must then reload, since somebody else may have acted first.
 */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const opener = document.activeElement;
    const place = document.createElement('div');
    document.body.append(place);
    const close = () => {
      if (!place.isConnected) return;
      render(null, place);
      place.remove();
      returnFocus(opener);
    };
    const finish = (isSent: boolean) => {
      if (isSent) dispatchEvent(new Event(SOMETHING_DONE));
      resolve(isSent);
    };
    render(html`<${Dialog} ...${question} close=${close} finish=${finish} />`, place);
  });
}

function Dialog({
  title,
  says,
  fields,
  action,
  isDangerous,
  onSubmit,
  close,
  finish,
}: Question & { readonly close: () => void; readonly finish: (isSent: boolean) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);

  const state = useRef({ isClosed: false, isBusy: false, isSent: false });
  const key = useRef('');
  key.current ||= createKey();

  useEffect(() => {
    dialog.current?.showModal();
    // The dialog belongs to its page: leaving the page closes it, and on a phone people close dialogs by going back.
    addEventListener('hashchange', leave);
    return () => removeEventListener('hashchange', leave);
  }, []);
  useEffect(() => {
    if (error) dialog.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [error]);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const data = new FormData(event.target as HTMLFormElement);
    const values = Object.fromEntries(
      [...data]
        .map(([name, value]) => [name, toSent(fields, name, String(value).trim())])
        .filter(([, value]) => value !== ''),
    );
    if (values.by) localStorage.setItem(NAME_KEY, values.by);
    setBusy(true);
    setError(undefined);
    state.current = { ...state.current, isBusy: true, isSent: true };
    try {
      const done = await onSubmit(values, key.current);
      close();
      if (done) announce(done);
      finish(true);
    } catch (failure) {
      state.current.isBusy = false;
      const problem = toCallError(failure);
      if (state.current.isClosed) {
        announce(`${title}: ${problem.message}`);
        finish(true);
        return;
      }
      setError(problem);
      setBusy(false);
    }
  }

  /** Closed before the answer arrived: say so now, and announce the result and reload the page when it arrives. */
  function leave(): void {
    if (state.current.isClosed) return;
    state.current.isClosed = true;
    close();
    if (state.current.isBusy)
      announce(`${title}: not answered yet, so it is not known whether this was done.`);
    else finish(state.current.isSent);
  }

  // Errors of fields shown here appear beside the field; any other error is shown in full.
  const isAtFields = error && fields.some(({ name }) => error.ofField(name) !== undefined);
  return html`<dialog ref=${dialog} onClose=${leave} aria-labelledby="dialog-title">
    <article>
      <form method="dialog" onSubmit=${submit}>
        <h2 id="dialog-title">${title}</h2>
        ${says && html`<div>${says}</div>`}
        ${fields.map((field) => html`<${Input} key=${field.name} field=${field} error=${error?.ofField(field.name)} />`)}
        ${error && html`<div class="notice bad" role="alert"><p>${error.message}</p>${!isAtFields && html`<${FieldProblems} error=${error} />`}</div>`}
        <footer>
          <button type="button" class="secondary" onClick=${leave}>Cancel</button>
          <button type="submit" class=${isDangerous ? 'danger' : ''} aria-busy=${isBusy} aria-disabled=${isBusy}>${action}</button>
        </footer>
      </form>
    </article>
  </dialog>`;
}

/** What is sent of what was entered. */
function toSent(fields: readonly Field[], name: string, text: string): string {
  const isMoment = text !== '' && fields.some((field) => field.name === name && field.kind === 'moment');
  return isMoment ? new Date(text).toISOString() : text;
}

function Input({ field, error }: { readonly field: Field; readonly error?: string | undefined }) {
  const { name, label, hint, kind = 'text', isOptional = false, most, choices } = field;
  const first = field.value ?? (name === WHO.name ? (localStorage.getItem(NAME_KEY) ?? '') : '');
  const [value, setValue] = useState(first);
  const id = `dialog-${name}`;
  const { attributes, text } = errorOf(id, error, hint && `${id}-hint`);
  const common = {
    ...attributes,
    name,
    required: !isOptional,
    value,
    onInput: (event: Event) => setValue((event.target as HTMLInputElement).value),
  };
  return html`<div class="field">
    <label for=${id}>${label}${isOptional ? ' (optional)' : ''}</label>
    ${choices && html`<select ...${common}>${choices.map(([each, words]) => html`<option value=${each}>${words}</option>`)}</select>`}
    ${kind === 'long' && html`<textarea rows="2" ...${common}></textarea>`}
    ${
      !choices &&
      kind !== 'long' &&
      html`<input type=${kind === 'moment' ? 'datetime-local' : kind} min=${kind === 'number' ? 1 : undefined} max=${kind === 'number' ? most : undefined} autocomplete="off" ...${common} />`
    }
    ${hint && html`<small id="${id}-hint">${hint}</small>`}
    ${text}
  </div>`;
}
