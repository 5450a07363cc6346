import type { DashboardSpec } from './dashboard.ts';

const position = 'max by (currency) (tollgate_ledger_balance_minor_units{kind="fx"})';
const limit = 'max by (currency) (tollgate_conversion_position_limit_minor_units)';

/** What happens to money without the gateway: it is held for orders, converted, or moved from wallet to wallet. */
export const currenciesAndHolds: DashboardSpec['rows'][number] = {
  title: 'Currencies and holds',
  panels: [
    {
      title: 'Holds for orders',
      description:
        'Holds that have not ended. If the line only grows, shops neither capture nor release, and holds wait for their time.',
      kind: 'chart',
      unit: 'short',
      widthColumns: 8,
      queries: [{ expr: 'max(tollgate_order_holds_open)', legend: 'open' }],
    },
    {
      title: 'Oldest overdue hold',
      description:
        'How long the money of the hold that is over longest has not gone back to its wallet. A worker lets it go within a minute or so.',
      kind: 'chart',
      unit: 's',
      widthColumns: 8,
      thresholds: [[300, 'orange']],
      queries: [{ expr: 'max(tollgate_order_holds_overdue_seconds)', legend: 'overdue' }],
    },
    {
      title: 'What becomes of holds',
      description:
        'Holds placed, captured (each part by itself), released by a client, and expired; and requests that were refused, by reason.',
      kind: 'chart',
      unit: 'suffix:/s',
      widthColumns: 8,
      queries: [
        {
          expr: 'sum by (event) (rate(tollgate_order_holds_total[$__rate_interval]))',
          legend: '{{event}}',
        },
        {
          expr: 'sum by (reason) (rate(tollgate_order_holds_refused_total[$__rate_interval])) > 0 or sum(rate(tollgate_order_holds_refused_total[$__rate_interval]))',
          legend: 'refused {{reason}}',
        },
      ],
    },
    {
      title: 'Quotes',
      description:
        'Quotes offered and used (the others expire), and requests for a quote that were refused, by reason.',
      kind: 'chart',
      unit: 'suffix:/s',
      widthColumns: 8,
      runbook: 'TollgateRatesStale',
      queries: [
        {
          expr: 'sum by (event) (rate(tollgate_conversion_quotes_total[$__rate_interval]))',
          legend: '{{event}}',
        },
        {
          expr: 'sum by (reason) (rate(tollgate_conversion_quotes_refused_total[$__rate_interval])) > 0 or sum(rate(tollgate_conversion_quotes_refused_total[$__rate_interval]))',
          legend: 'refused {{reason}}',
        },
      ],
    },
    {
      title: 'Conversions by pair',
      description: 'Quotes that were taken, by the currency that was given and the one that was got.',
      kind: 'chart',
      unit: 'suffix:/s',
      widthColumns: 8,
      isStacked: true,
      queries: [
        {
          expr: 'sum by (pair) (rate(tollgate_conversions_total[$__rate_interval]))',
          legend: '{{pair}}',
        },
      ],
    },
    {
      title: 'Quotes not taken, and transfers',
      description:
        'Requests to take a quote that were refused, by reason; and transfers between wallets, by what became of them.',
      kind: 'chart',
      unit: 'suffix:/s',
      widthColumns: 8,
      queries: [
        {
          expr: 'sum by (reason) (rate(tollgate_conversions_refused_total[$__rate_interval]))',
          legend: 'quote: {{reason}}',
        },
        {
          expr: 'sum by (result) (rate(tollgate_transfers_total[$__rate_interval]))',
          legend: 'transfer: {{result}}',
        },
      ],
    },
    {
      title: 'Position against its limit',
      description:
        'How much of its limit the position of each currency has reached, owned or owed. The nearer to 100 %, the more a change of the rate costs or brings.',
      kind: 'chart',
      unit: 'percentunit',
      widthColumns: 8,
      thresholds: [[1, 'red']],
      runbook: 'TollgatePositionLarge',
      queries: [{ expr: `abs(${position}) / on (currency) ${limit}`, legend: '{{currency}}' }],
    },
    {
      title: 'Position by currency',
      description:
        'What conversions have left us with, in minor units, as of the last fold: owned above 0, owed below.',
      kind: 'chart',
      unit: 'short',
      widthColumns: 8,
      mayBeNegative: true,
      runbook: 'TollgatePositionLarge',
      queries: [{ expr: position, legend: '{{currency}}' }],
    },
    {
      title: 'Age of exchange rates',
      description:
        'How old the rate of each currency is that wallets are kept in, by the source. Weekends count here, and do not count for whether a rate is stale.',
      kind: 'chart',
      unit: 's',
      widthColumns: 8,
      runbook: 'TollgateCurrencyRateStale',
      queries: [
        {
          expr: 'max by (currency) (tollgate_exchange_rate_currency_age_seconds)',
          legend: '{{currency}}',
        },
      ],
    },
    {
      title: 'Exchange rates by state',
      description:
        'Pairs of the source: fresh ones are used, stale ones are not, and held ones have jumped and wait for a person.',
      kind: 'chart',
      unit: 'short',
      widthColumns: 24,
      runbook: 'TollgateRatesHeld',
      queries: [{ expr: 'max by (state) (tollgate_exchange_rates)', legend: '{{state}}' }],
    },
  ],
};
