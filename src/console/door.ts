import { type CallError, hasToken, keepToken } from './api.ts';
import { errorOf } from './fields.ts';
import { html } from './html.ts';
import { Failure } from './parts.ts';

/** Asks for the token, if that is what is missing. */
export function Door({ error, enter }: { readonly error: CallError; readonly enter: () => Promise<void> }) {
  if (!error.wantsToken) return html`<${Failure} error=${error} retry=${() => void enter()} />`;
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    keepToken(String(new FormData(event.target as HTMLFormElement).get('token')).trim());
    await enter();
  }
  // The token that was typed or remembered is wrong, or no longer valid.
  const { attributes, text } = errorOf(
    'door-token',
    hasToken() ? 'This token is wrong, or no longer valid.' : undefined,
    'door-hint',
  );
  return html`<article class="door">
    <h1>Log in</h1>
    <form method="post" onSubmit=${submit}>
      <label for="door-token">Operator token</label>
      <input type="password" name="token" autocomplete="current-password" required autofocus ...${attributes} />
      <small id="door-hint">The value of OPERATOR_TOKEN. It is kept until you close this tab.</small>
      ${text}
      <button type="submit">Log in</button>
    </form>
  </article>`;
}
