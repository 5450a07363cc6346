import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Announcements } from './announce.ts';
import { CallError, call, forgetToken, hasToken, TOKEN_WANTED } from './api.ts';
import { Door } from './door.ts';
import { html } from './html.ts';
import { isMoneyPage, MONEY_PAGES } from './money-nav.ts';
import { ConversionPage } from './pages/conversion.ts';
import { ConversionsPage } from './pages/conversions.ts';
import { DeadLettersPage } from './pages/dead-letters.ts';
import { FeesPage } from './pages/fees.ts';
import { IntegrityPage } from './pages/integrity.ts';
import { OrderHoldsPage } from './pages/order-holds.ts';
import { OverviewPage } from './pages/overview.ts';
import { PaymentPage } from './pages/payment.ts';
import { PaymentsPage } from './pages/payments.ts';
import { RatesPage } from './pages/rates.ts';
import { UnknownPage } from './pages/unknown.ts';
import { WalletsPage } from './pages/wallets.ts';
import { WorkersPage } from './pages/workers.ts';
import { Loading } from './parts.ts';
import { type Route, useRoute } from './route.ts';
import { type ServiceFacts, ServiceLine, useService } from './service.ts';
import { useShortcuts } from './shortcuts.ts';
import { ThemeSwitch } from './theme.ts';

const PAGES = [
  ['', 'Overview'],
  ['payments', 'Payments'],
  ['dead-letters', 'Dead letters'],
  ['unknown', 'Unknown'],
  ['wallets', 'Money'],
  ['workers', 'Workers'],
  ['integrity', 'Integrity'],
] as const;
/** The entry of the navigation that a page belongs to. */
const entryOf = (page: string) => (isMoneyPage(page) ? 'wallets' : page);
const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

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
      // An unavailable database must not keep a person out: each page says what it cannot read.
      setAccess(isRefused ? error : 'granted');
    }
  }
  useEffect(() => void enter(), []);
  useEffect(() => {
    const ask = (event: Event) => setAccess((event as CustomEvent<CallError>).detail);
    addEventListener(TOKEN_WANTED, ask);
    return () => removeEventListener(TOKEN_WANTED, ask);
  }, []);
  useShortcuts(PAGES.map(([path]) => path));
  const service = useService(access === 'granted');
  const place = route.path.join('/');
  const lastPlace = useRef(place);
  useEffect(() => {
    document.title = `${nameOf(route)} – Tollgate console`;
    if (lastPlace.current === place) return;
    lastPlace.current = place;
    scrollTo(0, 0);
    // The keyboard and a screen reader continue at the start of the new page.
    main.current?.focus({ preventScroll: true });
  }, [place]);

  return html`<a class="skip" href="#main" onClick=${(event: Event) => {
    event.preventDefault();
    main.current?.focus();
  }}>Skip to the content</a>
    <header class="top">
      <strong class="brand"><a href="#/">Tollgate</a></strong>
      <nav aria-label="Pages">
        <ul>${PAGES.map(([path, name], index) => html`<li><a href="#/${path}" aria-current=${path === entryOf(route.path[0] ?? '') ? 'page' : undefined} title="Key ${index + 1}">${name}</a></li>`)}</ul>
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
    ${access === 'granted' && html`<${ServiceLine} facts=${service} />`}
    <${Announcements} />
    <main id="main" tabindex=${-1} ref=${main}>
      ${access === 'asked' && html`<${Loading} />`}
      ${access instanceof CallError && html`<${Door} error=${access} enter=${enter} />`}
      ${access === 'granted' && html`<${Page} route=${route} service=${service} />`}
    </main>
    <footer class="bottom"><small>Keys: 1 to ${PAGES.length} open a page, / goes to the search field. Times are in your browser's time zone (${TIME_ZONE}). <a href="/docs">API documentation</a></small></footer>`;
}

/** The name of what is shown, for the window's title, so that people can tell several windows apart. */
function nameOf({ path: [page = '', id] }: Route): string {
  if (page === 'payments' && id !== undefined) return `Payment ${id}`;
  if (page === 'wallets' && id !== undefined) return `Wallet of user ${id}`;
  if (page === 'conversions' && id !== undefined) return `Conversion ${id}`;
  return [...MONEY_PAGES, ...PAGES].find(([path]) => path === page)?.[1] ?? 'Page not found';
}

function Page({ route, service }: { readonly route: Route; readonly service: ServiceFacts }) {
  const workers = service.overview?.workers;
  const [page = '', id] = route.path;
  switch (page) {
    case '':
      return html`<${OverviewPage} />`;
    case 'payments':
      return id === undefined
        ? html`<${PaymentsPage} route=${route} />`
        : html`<${PaymentPage} key=${id} id=${id} workers=${workers} />`;
    case 'dead-letters':
      return html`<${DeadLettersPage} route=${route} />`;
    case 'unknown':
      return html`<${UnknownPage} route=${route} overview=${service.overview} />`;
    case 'wallets':
      return html`<${WalletsPage} route=${route} />`;
    case 'holds':
      return html`<${OrderHoldsPage} route=${route} />`;
    case 'rates':
      return html`<${RatesPage} />`;
    case 'conversions':
      return id === undefined
        ? html`<${ConversionsPage} route=${route} />`
        : html`<${ConversionPage} key=${id} id=${id} />`;
    case 'fees':
      return html`<${FeesPage} />`;
    case 'workers':
      return html`<${WorkersPage} />`;
    case 'integrity':
      return html`<${IntegrityPage} route=${route} />`;
    default:
      return html`<h1>Page not found</h1><p>The console has no page at this address. <a href="#/">Go to the overview</a></p>`;
  }
}

render(html`<${Console} />`, document.getElementById('console') as HTMLElement);
