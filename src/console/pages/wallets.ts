import type { Wallet } from '../answers.ts';
import { queryOf } from '../api.ts';
import { CurrencyField, UserField } from '../fields.ts';
import { html } from '../html.ts';
import { MoneyNav } from '../money-nav.ts';
import { readFilters } from '../read-form.ts';
import { goOrReload, type Route } from '../route.ts';
import { useList } from '../use-api.ts';
import { WalletList } from './wallet-list.ts';
import { WalletsOfUser } from './wallets-of-user.ts';

/** All wallets, or those of one user. */
export function WalletsPage({ route }: { readonly route: Route }) {
  const [, id] = route.path;
  const { currency = '' } = route.query;
  const list = useList<Wallet>(id === undefined ? '/api/v1/wallets' : undefined, { currency });
  function search(event: SubmitEvent): void {
    event.preventDefault();
    const { user_id: user = '', ...filters } = readFilters(event.target as HTMLFormElement);
    const place = user === '' ? '/wallets' : `/wallets/${encodeURIComponent(user)}`;
    goOrReload(`${place}${queryOf(filters)}`, list.reload);
  }
  return html`<${MoneyNav} page="wallets" />
    <h1>Wallets</h1>
    <form class="search" onSubmit=${search}>
      <${UserField} value=${id ?? ''} isSearch />
      <${CurrencyField} value=${currency} error=${list.error?.ofField('currency')} />
      <button type="submit">Show</button>
    </form>
    ${id === undefined ? html`<${WalletList} list=${list} />` : html`<${WalletsOfUser} key=${id} id=${id} route=${route} />`}`;
}
