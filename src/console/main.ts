import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallError, call, forgetToken, hasToken, keepToken } from './api.ts';
import { html } from './html.ts';
import { DeadLettersPage } from './pages/dead-letters.ts';
import { IntegrityPage } from './pages/integrity.ts';
import { OverviewPage } from './pages/overview.ts';
import { PaymentPage } from './pages/payment.ts';
import { PaymentsPage } from './pages/payments.ts';
import { UnknownPage } from './pages/unknown.ts';
import { WalletsPage } from './pages/wallets.ts';
import { WorkersPage } from './pages/workers.ts';
import { Failure } from './parts.ts';
import { navigate, type Route, useRoute } from './route.ts';
import { ThemeSwitch } from './theme.ts';

const PAGES = [
  ['', 'Overview'],
  ['payments', 'Payments'],
  ['dead-letters', 'Dead letters'],
  ['unknown', 'Unknown'],
  ['wallets', 'Wallets'],
  ['workers', 'Workers'],
  ['integrity', 'Integrity'],
] as const;

function Console() {
  const [access, setAccess] = useState<'asked' | 'granted' | CallError>('asked');
  const route = useRoute();
  const main = useRef<HTMLElement>(null);

  async function enter(): Promise<void> {
    try {
      await call('GET', '/api/v1/overview');
      setAccess('granted');
    } catch (error) {
      const isRefused = error instanceof CallError && (error.status === 401 || error.status === 403);
      // A database that is away must not keep a person out: each page says what it cannot read.
      setAccess(isRefused ? error : 'granted');
    }
  }
  useEffect(() => void enter(), []);
  useShortcuts();
  const place = route.path.join('/');
  useEffect(() => {
    document.title = `${PAGES.find(([path]) => path === (route.path[0] ?? ''))?.[1] ?? 'Tollgate'} – Tollgate console`;
    scrollTo(0, 0);
  }, [place]);

  return html`<a class="skip" href="#main" onClick=${(event: Event) => {
    event.preventDefault();
    main.current?.focus();
  }}>To the content</a>
    <header class="top">
      <strong class="brand"><a href="#/">Tollgate</a></strong>
      <nav aria-label="Pages">
        <ul>${PAGES.map(([path, name], index) => html`<li><a href="#/${path}" aria-current=${path === (route.path[0] ?? '') ? 'page' : undefined} title="Key ${index + 1}">${name}</a></li>`)}</ul>
      </nav>
      <div class="tools">
        <${ThemeSwitch} />
        ${
          hasToken() &&
          html`<button type="button" class="small secondary outline" onClick=${() => {
            forgetToken();
            location.reload();
          }}>Log out</button>`
        }
      </div>
    </header>
    <main id="main" tabindex=${-1} ref=${main}>
      ${access === 'asked' && html`<p aria-busy="true">Reading …</p>`}
      ${access instanceof CallError && html`<${Door} error=${access} enter=${enter} />`}
      ${access === 'granted' && html`<${Page} route=${route} />`}
    </main>
    <footer class="bottom"><small>Keys: 1 to ${PAGES.length} open a page, / goes to the search. <a href="/docs">API</a></small></footer>`;
}

function Page({ route }: { readonly route: Route }) {
  const [page = '', id] = route.path;
  switch (page) {
    case '':
      return html`<${OverviewPage} />`;
    case 'payments':
      return id === undefined
        ? html`<${PaymentsPage} route=${route} />`
        : html`<${PaymentPage} key=${id} id=${id} />`;
    case 'dead-letters':
      return html`<${DeadLettersPage} route=${route} />`;
    case 'unknown':
      return html`<${UnknownPage} route=${route} />`;
    case 'wallets':
      return html`<${WalletsPage} id=${id} />`;
    case 'workers':
      return html`<${WorkersPage} />`;
    case 'integrity':
      return html`<${IntegrityPage} />`;
    default:
      return html`<h1>There is nothing here</h1><p><a href="#/">To the overview</a></p>`;
  }
}

/** Asks for the token, where that is what is missing. */
function Door({ error, enter }: { readonly error: CallError; readonly enter: () => Promise<void> }) {
  if (!error.wantsToken) return html`<${Failure} error=${error} retry=${() => void enter()} />`;
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    keepToken(String(new FormData(event.target as HTMLFormElement).get('token')).trim());
    await enter();
  }
  return html`<article class="door">
    <h1>Log in</h1>
    <form onSubmit=${submit}>
      <label>Operator token
        <input type="password" name="token" autocomplete="current-password" required autofocus />
        <small>The value of OPERATOR_TOKEN. It is kept until you close this tab.</small>
      </label>
      ${hasToken() && html`<div class="notice bad" role="alert"><p>${error.message}</p></div>`}
      <button type="submit">Log in</button>
    </form>
  </article>`;
}

function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const page = PAGES[Number(event.key) - 1];
      if (page) navigate(`/${page[0]}`);
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLElement>('[data-search]')?.focus();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

render(html`<${Console} />`, document.getElementById('console') as HTMLElement);
