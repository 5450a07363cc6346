import type { Conversion } from '../answers.ts';
import { html } from '../html.ts';
import { MoneyNav } from '../money-nav.ts';
import { Facts, Failure, Loading, Money, Time, UserLink, WalletLink, Words } from '../parts.ts';
import { useApi } from '../use-api.ts';

/** One conversion, and how its amounts came about. */
export function ConversionPage({ id }: { readonly id: string }) {
  const { data, error, reload } = useApi<Conversion>(
    `/api/v1/currency/conversions/${encodeURIComponent(id)}`,
  );
  return html`<${MoneyNav} page="conversions" />
    <h1>Conversion ${id}</h1>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!data && !error && html`<${Loading} />`}
    ${data && html`<${ConversionFacts} conversion=${data} />`}`;
}

function ConversionFacts({ conversion }: { readonly conversion: Conversion }) {
  const { user_id: user, from, to } = conversion;
  return html`<${Facts} facts=${[
    ['User', html`<${UserLink} id=${user} />`],
    [
      'Given',
      html`<${Money} minor=${conversion.amount_minor} currency=${from} /> from the wallet in <${WalletLink} user=${user} id=${conversion.from_wallet_id}>${from}</${WalletLink}>`,
    ],
    [
      'Got',
      html`<${Money} minor=${conversion.to_amount_minor} currency=${to} /> in the wallet in <${WalletLink} user=${user} id=${conversion.to_wallet_id}>${to}</${WalletLink}>`,
    ],
    [
      'Spread, part of what was given',
      html`<${Money} minor=${conversion.spread_minor} currency=${conversion.spread_currency} />`,
    ],
    ['Asked for', conversion.fixed === 'amount' ? 'what was given' : 'what was got'],
    ['Rate with the spread', `1 ${from} = ${conversion.rate} ${to}`],
    ['Rate without the spread', `1 ${from} = ${conversion.mid} ${to}`],
    ['Rate as of', html`<${Time} at=${conversion.rate_as_of} /> (source: ${conversion.rate_source})`],
    ['Converted', html`<${Time} at=${conversion.converted_at} />`],
    ['Quote', html`<${Words}>${conversion.quote_id}</${Words}>`],
  ]} />`;
}
