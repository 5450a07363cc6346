import { currenciesAndHolds } from './currencies-and-holds.ts';
import type { DashboardSpec } from './dashboard.ts';

const ended = 'tollgate:payments_settled:rate5m';

/** What happens to customers' money. */
export const payments: DashboardSpec = {
  uid: 'tollgate-payments',
  title: 'Tollgate: Payments',
  description:
    "What happens to customers' payments and money. Look here first; the engine's dashboard says why.",
  rows: [
    {
      title: 'At a glance',
      panels: [
        {
          title: 'Alerts',
          description: 'Alerts that are firing now. Red: at least one of them is worth getting up for.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 3,
          thresholds: [[1, 'red']],
          queries: [
            {
              expr: 'count(ALERTS{alertname=~"Tollgate.*", alertstate="firing"}) or vector(0)',
              legend: 'firing',
            },
          ],
        },
        {
          title: 'Settled',
          description: 'Payments a second whose money moved, over five minutes.',
          kind: 'stat',
          unit: 'suffix:/s',
          widthColumns: 3,
          queries: [{ expr: `sum(${ended})`, legend: 'settled' }],
        },
        {
          title: 'Success',
          description:
            'The share of payments that left the queue in the last five minutes and whose money moved. The rest was refused, ran out of attempts, or is unknown.',
          kind: 'stat',
          unit: 'percentunit',
          widthColumns: 3,
          base: 'red',
          thresholds: [
            [0.8, 'orange'],
            [0.95, 'green'],
          ],
          runbook: 'TollgateRefusalsHigh',
          queries: [{ expr: 'tollgate:payments_settled:ratio_rate5m', legend: 'success' }],
        },
        {
          title: 'Accept to settled, p95',
          description: 'Nineteen of twenty payments settled within this time after they were accepted.',
          kind: 'stat',
          unit: 's',
          widthColumns: 3,
          thresholds: [
            [10, 'orange'],
            [60, 'red'],
          ],
          runbook: 'TollgateQueueStalled',
          queries: [
            {
              expr: 'histogram_quantile(0.95, sum by (le) (tollgate:payment_accept_to_settle_seconds_bucket:rate5m))',
              legend: 'p95',
            },
          ],
        },
        {
          title: 'Oldest unknown',
          description:
            'How long the oldest unknown payment has been unknown. Its customer is waiting, and its money is held.',
          kind: 'stat',
          unit: 's',
          widthColumns: 3,
          thresholds: [
            [600, 'orange'],
            [3600, 'red'],
          ],
          runbook: 'TollgateUnknownPaymentOld',
          queries: [{ expr: 'tollgate:payments_unknown_oldest_seconds:max', legend: 'oldest' }],
        },
        {
          title: 'Dead letters to look at',
          description:
            'Payments that left the queue without success and that nobody has dealt with. Payments that the gateway refused are not counted: they are done.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 3,
          thresholds: [
            [1, 'orange'],
            [100, 'red'],
          ],
          runbook: 'TollgateDeadLettersGrowing',
          queries: [{ expr: 'sum(tollgate:dead_letters_open:max{reason!="refused"})', legend: 'open' }],
        },
        {
          title: 'For a person',
          description:
            'Payments whose outcome the gateway has not told for RECONCILIATION_HORIZON_HOURS, and differences between its records and ours.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 3,
          thresholds: [[1, 'red']],
          runbook: 'TollgateBooksDiffer',
          queries: [
            {
              expr: 'max(tollgate_payments_need_review) + max(tollgate_reconciliation_exceptions_open)',
              legend: 'open',
            },
          ],
        },
        {
          title: 'Integrity violations',
          description:
            'What the integrity check found. If it is not 0, stop and find out why before you do anything else.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 3,
          thresholds: [[1, 'red']],
          runbook: 'TollgateIntegrityViolated',
          queries: [{ expr: 'max(tollgate_ledger_integrity_violations)', legend: 'violations' }],
        },
      ],
    },
    {
      title: 'Flow',
      panels: [
        {
          title: 'Payments a second',
          description:
            'Payments that the API accepted, and how payments ended. If accepted stays above the others together, the queue grows.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          runbook: 'TollgateQueueStalled',
          queries: [
            { expr: 'sum(rate(tollgate_payments_accepted_total[$__rate_interval]))', legend: 'accepted' },
            { expr: 'sum(rate(tollgate_payments_settled_total[$__rate_interval]))', legend: 'settled' },
            { expr: 'sum(rate(tollgate_payments_failed_total[$__rate_interval]))', legend: 'failed' },
            { expr: 'sum(rate(tollgate_payments_unknown_total[$__rate_interval]))', legend: 'unknown' },
          ],
        },
        {
          title: 'Accept to settled',
          description:
            'Time from acceptance to settlement, for payments that settled. p50: typically the first call succeeds. p99: these payments waited for backoffs.',
          kind: 'chart',
          unit: 's',
          widthColumns: 12,
          thresholds: [[60, 'red']],
          runbook: 'TollgateQueueStalled',
          queries: [0.5, 0.95, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(tollgate_payment_accept_to_settle_seconds_bucket[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'Success by type',
          description: 'For each type, the share of payments that left the queue whose money moved.',
          kind: 'chart',
          unit: 'percentunit',
          widthColumns: 12,
          max: 1,
          runbook: 'TollgateRefusalsHigh',
          queries: [
            {
              expr: `sum by (type) (${ended}) / (sum by (type) (${ended}) + sum by (type) (tollgate:payments_failed:rate5m) + sum by (type) (tollgate:payments_unknown:rate5m))`,
              legend: '{{type}}',
            },
          ],
        },
        {
          title: 'Failures by reason',
          description:
            'refused: the gateway said no. attempts_exhausted: it never carried the payment out. Both release the hold.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          isStacked: true,
          runbook: 'TollgateRefusalsHigh',
          queries: [
            {
              expr: 'sum by (reason) (rate(tollgate_payments_failed_total[$__rate_interval]))',
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Unknown outcomes and dead letters',
      panels: [
        {
          title: 'Unknown payments',
          description:
            'Payments whose money may have moved. The gateway is asked until it knows. If the line only grows, the gateway does not tell.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          runbook: 'TollgateUnknownPaymentOld',
          queries: [{ expr: 'tollgate:payments_unknown_open:max', legend: 'unknown' }],
        },
        {
          title: 'Age of the oldest unknown',
          description:
            'How long the oldest unknown payment has been unknown. Falls to zero when the last one is resolved.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          thresholds: [
            [600, 'orange'],
            [3600, 'red'],
          ],
          runbook: 'TollgateUnknownPaymentOld',
          queries: [{ expr: 'tollgate:payments_unknown_oldest_seconds:max', legend: 'oldest' }],
        },
        {
          title: 'Questions to the gateway',
          description:
            'Results of inquiries about unknown payments. Only ask_again: the gateway does not know them, or does not answer.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 8,
          runbook: 'TollgateUnknownPaymentOld',
          queries: [
            {
              expr: 'sum by (result) (rate(tollgate_unknown_inquiries_total[$__rate_interval]))',
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'For a person',
          description:
            "review: unknown for so long that a person has to look. differences: the gateway's records and ours do not agree. Both stay until a person acts.",
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          runbook: 'TollgateBooksDiffer',
          queries: [
            { expr: 'max(tollgate_payments_need_review)', legend: 'review' },
            { expr: 'max(tollgate_reconciliation_exceptions_open)', legend: 'differences' },
          ],
        },
        {
          title: 'Callbacks of the gateway',
          description:
            'Callbacks a second by result, and those that wait. concluded: they ended a payment. exception: they contradict what is recorded.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          runbook: 'TollgateBooksDiffer',
          queries: [
            {
              expr: 'sum by (result) (rate(tollgate_gateway_callbacks_total[$__rate_interval]))',
              legend: '{{result}}',
            },
            {
              expr: 'sum(rate(tollgate_gateway_callback_failures_total[$__rate_interval]))',
              legend: 'failed, tried again',
            },
            { expr: 'max(tollgate_gateway_callbacks_waiting)', legend: 'waiting (a count)' },
          ],
        },
        {
          title: 'Dead letters open',
          description:
            'Dead letters that nobody has dealt with, by reason. outcome_unknown closes by itself when the gateway tells the outcome. poison: it lost its worker too often.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          isStacked: true,
          runbook: 'TollgateDeadLettersGrowing',
          queries: [{ expr: 'tollgate:dead_letters_open:max', legend: '{{reason}}' }],
        },
        {
          title: 'Dead letters written',
          description: 'Dead letters a second, by reason.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          isStacked: true,
          runbook: 'TollgateDeadLettersGrowing',
          queries: [
            {
              expr: 'sum by (reason) (rate(tollgate_dead_letters_total[$__rate_interval]))',
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Money, in minor units of each currency',
      panels: [
        {
          title: 'Money in and out',
          description:
            'Money that passed the gateway each minute, without fees: deposit is money in, withdraw is money out. 10000 is 100.00 USD, or 10000 JPY.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          queries: [
            {
              expr: '60 * sum by (type, currency) (rate(tollgate_settled_amount_minor_units_total[$__rate_interval]))',
              legend: '{{type}} {{currency}}',
            },
          ],
        },
        {
          title: 'Fee income',
          description: 'Fees of settled payments each minute.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          queries: [
            {
              expr: '60 * sum by (currency) (rate(tollgate_fee_income_minor_units_total[$__rate_interval]))',
              legend: 'fees {{currency}}',
            },
          ],
        },
        {
          title: 'System accounts',
          description:
            'Balances in the ledger as of the last fold: what the gateway holds for us, and fees earned. Signs are reversed where that is easier to read.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          runbook: 'TollgateFoldBehind',
          queries: [
            {
              expr: '-max by (currency) (tollgate_ledger_balance_minor_units{kind="gateway"})',
              legend: 'at the gateway {{currency}}',
            },
            {
              expr: 'max by (currency) (tollgate_ledger_balance_minor_units{kind="fee"})',
              legend: 'fees {{currency}}',
            },
          ],
        },
        {
          title: 'In the last 24 hours',
          description:
            'Money in, money out and fees of the last 24 hours, as far back as Prometheus has data.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 24,
          queries: [
            {
              expr: 'sum by (type, currency) (increase(tollgate_settled_amount_minor_units_total[24h]))',
              legend: '{{type}} {{currency}}',
            },
            {
              expr: 'sum by (currency) (increase(tollgate_fee_income_minor_units_total[24h]))',
              legend: 'fees {{currency}}',
            },
          ],
        },
      ],
    },
    currenciesAndHolds,
    {
      title: 'The API',
      panels: [
        {
          title: 'Turned away, and errors nobody thought of',
          description:
            'Requests answered 503 at once, by the limit that was reached (database: the database does not answer), and errors that were answered 500.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          runbook: 'TollgateLoadShed',
          queries: [
            {
              expr: 'sum by (reason) (rate(tollgate_requests_shed_total{instance=~"$instance"}[$__rate_interval]))',
              legend: 'shed: {{reason}}',
            },
            {
              expr: 'sum(rate(tollgate_unclassified_errors_total{instance=~"$instance"}[$__rate_interval]))',
              legend: 'unclassified errors',
            },
          ],
        },
        {
          title: 'Connections of clients',
          description:
            'Open connections by process, and connections that were closed without an answer because there were far too many.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          runbook: 'TollgateLoadShed',
          queries: [
            {
              expr: 'sum by (instance) (tollgate_http_connections{instance=~"$instance"})',
              legend: '{{instance}}',
            },
            {
              expr: 'sum(increase(tollgate_http_connections_dropped_total{instance=~"$instance"}[$__rate_interval]))',
              legend: 'closed unanswered',
            },
          ],
        },
        {
          title: 'Requests by status',
          description: 'Answers a second. 5xx: the database is away or slow. 499: clients hung up.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 8,
          isStacked: true,
          runbook: 'TollgateNoApiAlive',
          queries: [
            {
              expr: 'sum by (status) (rate(tollgate_http_requests_total{instance=~"$instance"}[$__rate_interval]))',
              legend: '{{status}}',
            },
          ],
        },
        {
          title: 'How long accepting takes',
          description:
            'Time from the arrival of a request for a deposit or a withdrawal to the durable answer.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          thresholds: [[1, 'orange']],
          runbook: 'TollgatePoolExhausted',
          queries: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(tollgate_http_request_duration_seconds_bucket{method="POST", route=~".*/payments/(deposit|withdraw)", instance=~"$instance"}[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'Refused, replayed, in conflict',
          description:
            'Requests for a payment that were refused, by reason; stored answers that were returned again for a key; keys that were used for another request.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 8,
          queries: [
            {
              expr: 'sum by (reason) (rate(tollgate_payments_refused_total[$__rate_interval]))',
              legend: '{{reason}}',
            },
            { expr: 'sum(rate(tollgate_idempotent_replays_total[$__rate_interval]))', legend: 'replayed' },
            {
              expr: 'sum(rate(tollgate_idempotency_conflicts_total[$__rate_interval]))',
              legend: 'key in conflict',
            },
          ],
        },
      ],
    },
  ],
};
