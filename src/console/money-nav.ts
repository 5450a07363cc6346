import { html } from './html.ts';

/** The pages about wallets and what happens in them without the gateway; in the navigation they stand together. */
export const MONEY_PAGES = [
  ['wallets', 'Wallets'],
  ['holds', 'Holds for orders'],
  ['rates', 'Exchange rates'],
  ['conversions', 'Conversions'],
  ['fees', 'Fees'],
] as const;

export function isMoneyPage(page: string): boolean {
  return MONEY_PAGES.some(([path]) => path === page);
}

/** The links between these pages. */
export function MoneyNav({ page }: { readonly page: (typeof MONEY_PAGES)[number][0] }) {
  return html`<nav class="sub" aria-label="Money">
    <ul>${MONEY_PAGES.map(([path, name]) => html`<li><a href="#/${path}" aria-current=${path === page ? 'page' : undefined}>${name}</a></li>`)}</ul>
  </nav>`;
}
