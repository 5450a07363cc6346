import type { DashboardSpec } from './dashboard.ts';

const quantiles = (metric: string, options: { readonly by?: string; readonly values: readonly number[] }) =>
  options.values.map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le${options.by ? `, ${options.by}` : ''}) (rate(${metric}_bucket{instance=~"$instance"}[$__rate_interval])))`,
    legend: `${options.by ? `{{${options.by}}} ` : ''}p${quantile * 100}`,
  }));

/** How the machine runs that carries the payments. */
export const engine: DashboardSpec = {
  uid: 'tollgate-engine',
  title: 'Tollgate: Engine',
  description:
    'The queue, the workers, the gateway, the database and the processes: why payments flow, or do not.',
  rows: [
    {
      title: 'At a glance',
      panels: [
        {
          title: 'Workers alive',
          description: 'Workers that answer. None: payments are accepted, but none is carried out.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 4,
          base: 'red',
          thresholds: [[1, 'green']],
          runbook: 'TollgateNoWorkerAlive',
          queries: [{ expr: 'sum(up{job="tollgate-worker"}) or vector(0)', legend: 'alive' }],
        },
        {
          title: 'Oldest ready task',
          description: 'How long the oldest payment that is due has been waiting for a worker.',
          kind: 'stat',
          unit: 's',
          widthColumns: 4,
          thresholds: [
            [5, 'orange'],
            [60, 'red'],
          ],
          runbook: 'TollgateQueueStalled',
          queries: [{ expr: 'tollgate:queue_oldest_ready_seconds:max', legend: 'oldest' }],
        },
        {
          title: 'Gateway, unknown',
          description:
            'The share of the calls that were to move money that ended without an answer that counts.',
          kind: 'stat',
          unit: 'percentunit',
          widthColumns: 4,
          thresholds: [
            [0.05, 'orange'],
            [0.5, 'red'],
          ],
          runbook: 'TollgateGatewayFailing',
          queries: [{ expr: 'tollgate:gateway_calls_unknown:ratio_rate5m', legend: '{{gateway}}' }],
        },
        {
          title: 'Circuit breakers open',
          description:
            'Workers that stopped claiming because the gateway seems down to them. They send it a probe now and then.',
          kind: 'stat',
          unit: 'short',
          widthColumns: 4,
          thresholds: [[1, 'red']],
          runbook: 'TollgateBreakerOpen',
          queries: [{ expr: 'sum(tollgate_gateway_breaker_state{state!="closed"})', legend: 'open' }],
        },
        {
          title: 'Oldest transaction',
          description:
            'How long the oldest transaction has held a snapshot. Vacuum cannot remove the dead rows that it may still see.',
          kind: 'stat',
          unit: 's',
          widthColumns: 4,
          thresholds: [
            [60, 'orange'],
            [600, 'red'],
          ],
          runbook: 'TollgateSnapshotHeld',
          queries: [{ expr: 'tollgate:database_oldest_transaction_seconds:max', legend: 'oldest' }],
        },
        {
          title: 'Event loop lag, worst',
          description:
            'One in a hundred turns of the event loop is at least this late, in the worst process.',
          kind: 'stat',
          unit: 's',
          widthColumns: 4,
          thresholds: [
            [0.1, 'orange'],
            [0.5, 'red'],
          ],
          runbook: 'TollgateEventLoopSlow',
          queries: [{ expr: 'max(nodejs_eventloop_lag_p99_seconds{job=~"tollgate-.*"})', legend: 'p99' }],
        },
      ],
    },
    {
      title: 'The queue',
      panels: [
        {
          title: 'Queue depth by state',
          description:
            'ready: due now. scheduled: waiting for a backoff to end. running: with a worker. Each is counted up to 10,000.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          isStacked: true,
          runbook: 'TollgateQueueStalled',
          queries: [{ expr: 'tollgate:queue_depth:max', legend: '{{state}}' }],
        },
        {
          title: 'Age of the oldest ready task',
          description:
            'Near zero if workers keep up. If it rises by a second each second, no worker takes anything.',
          kind: 'chart',
          unit: 's',
          widthColumns: 12,
          thresholds: [[60, 'red']],
          runbook: 'TollgateQueueStalled',
          queries: [{ expr: 'tollgate:queue_oldest_ready_seconds:max', legend: 'oldest' }],
        },
        {
          title: 'Claims and tasks',
          description:
            'Claims that found something, the tasks that they took, and settlement transactions, per second.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 8,
          queries: [
            {
              expr: 'sum(rate(tollgate_claim_batch_size_count{instance=~"$instance"}[$__rate_interval]))',
              legend: 'claims',
            },
            {
              expr: 'sum(rate(tollgate_claim_batch_size_sum{instance=~"$instance"}[$__rate_interval]))',
              legend: 'tasks claimed',
            },
            {
              expr: 'sum(rate(tollgate_settle_batch_size_count{instance=~"$instance"}[$__rate_interval]))',
              legend: 'settlements',
            },
          ],
        },
        {
          title: 'Batch sizes',
          description:
            'Average number of rows in one transaction. Batches grow with the load; this is how the database keeps up.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          queries: [
            ['claim', 'tollgate_claim_batch_size'],
            ['settle', 'tollgate_settle_batch_size'],
            ['accept', 'tollgate_accept_batch_size'],
          ].map(([legend = '', metric]) => ({
            expr: `sum(rate(${metric}_sum{instance=~"$instance"}[$__rate_interval])) / sum(rate(${metric}_count{instance=~"$instance"}[$__rate_interval]))`,
            legend,
          })),
        },
        {
          title: 'How long a transaction takes',
          description:
            'One claim, one settlement, one batch of accepted requests: 99 of a hundred take less time than this.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          thresholds: [[1, 'orange']],
          runbook: 'TollgatePoolExhausted',
          queries: [
            ['claim', 'tollgate_claim_duration_seconds'],
            ['settle', 'tollgate_settle_duration_seconds'],
            ['accept', 'tollgate_accept_batch_duration_seconds'],
          ].map(([legend = '', metric]) => ({
            expr: `histogram_quantile(0.99, sum by (le) (rate(${metric}_bucket{instance=~"$instance"}[$__rate_interval])))`,
            legend: `${legend} p99`,
          })),
        },
        {
          title: 'Lease rescues and stale results',
          description:
            'rescued: tasks taken over from a worker that was no longer heard of. stale: results that came after that and were dropped. lost: leases that a living worker could not keep.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          runbook: 'TollgateLeasesLost',
          queries: [
            { expr: 'sum(rate(tollgate_tasks_rescued_total[$__rate_interval]))', legend: 'rescued' },
            { expr: 'sum(rate(tollgate_stale_results_total[$__rate_interval]))', legend: 'stale' },
            { expr: 'sum(rate(tollgate_leases_lost_total[$__rate_interval]))', legend: 'lost' },
          ],
        },
        {
          title: 'Retries, and writes that failed',
          description:
            'Payments that went back to the queue with a backoff, by type; claims and settlements that failed in the database.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          runbook: 'TollgateGatewayFailing',
          queries: [
            {
              expr: 'sum by (type) (rate(tollgate_payments_retried_total[$__rate_interval]))',
              legend: 'retried {{type}}',
            },
            {
              expr: 'sum(rate(tollgate_claim_failures_total[$__rate_interval]))',
              legend: 'claims that failed',
            },
            {
              expr: 'sum(rate(tollgate_settlement_failures_total[$__rate_interval]))',
              legend: 'settlements that failed',
            },
          ],
        },
      ],
    },
    {
      title: 'The gateway',
      panels: [
        {
          title: 'Calls by outcome',
          description:
            'succeeded and refused are answers. unknown: the money may have moved. not_executed: no connection was made.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 8,
          isStacked: true,
          runbook: 'TollgateGatewayFailing',
          queries: [
            {
              expr: 'sum by (gateway, operation, outcome) (rate(tollgate_gateway_calls_total{instance=~"$instance"}[$__rate_interval]))',
              legend: '{{gateway}} {{operation}} {{outcome}}',
            },
          ],
        },
        {
          title: 'Latency',
          description:
            'How long calls take. If p99 is at GATEWAY_TIMEOUT_SECONDS, calls end because of our own time limit.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          runbook: 'TollgateGatewayFailing',
          queries: quantiles('tollgate_gateway_call_duration_seconds', {
            by: 'operation',
            values: [0.5, 0.99],
          }),
        },
        {
          title: 'Why calls fail',
          description:
            'Calls without success, by error class. timeout and reset: the network or the gateway is in trouble.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 8,
          runbook: 'TollgateGatewayFailing',
          queries: [
            {
              expr: 'sum by (gateway, error_class) (rate(tollgate_gateway_calls_total{error_class!="", instance=~"$instance"}[$__rate_interval]))',
              legend: '{{gateway}} {{error_class}}',
            },
          ],
        },
        {
          title: 'Circuit breakers',
          description:
            'Workers by the state of their circuit breaker, how often one opened, and probes. open: nothing is claimed, and no attempt is used up.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          runbook: 'TollgateBreakerOpen',
          queries: [
            {
              expr: 'sum by (gateway, state) (tollgate_gateway_breaker_state{instance=~"$instance"})',
              legend: '{{gateway}} {{state}}',
            },
            {
              expr: 'sum(increase(tollgate_gateway_breaker_opened_total{instance=~"$instance"}[$__rate_interval]))',
              legend: 'opened',
            },
            {
              expr: 'sum(increase(tollgate_gateway_breaker_probes_total{instance=~"$instance"}[$__rate_interval]))',
              legend: 'probes',
            },
          ],
        },
        {
          title: 'Calls against the limit',
          description:
            'All calls a second, the limit for all workers together (0: no limit), and how many calls are waiting because of it.',
          kind: 'chart',
          unit: 'suffix:/s',
          widthColumns: 12,
          queries: [
            {
              expr: 'sum by (gateway) (rate(tollgate_gateway_calls_total[$__rate_interval]))',
              legend: '{{gateway}} calls',
            },
            {
              expr: 'max by (gateway) (tollgate_gateway_calls_per_second_limit)',
              legend: '{{gateway}} limit',
            },
            {
              expr: 'sum(rate(tollgate_gateway_rate_limit_wait_seconds_total[$__rate_interval]))',
              legend: 'waiting (a count)',
            },
          ],
        },
        {
          title: 'What workers hold',
          description:
            'Tasks by what their worker does with them. If calling is at the limit, WORKER_CONCURRENCY is the bottleneck.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          queries: [
            { expr: 'sum by (state) (tollgate_worker_runs{instance=~"$instance"})', legend: '{{state}}' },
            { expr: 'sum(tollgate_worker_concurrency{instance=~"$instance"})', legend: 'limit of calling' },
          ],
        },
        {
          title: 'Integrity check',
          description:
            'How far the check is behind, and how long the last check took. If the lag grows, the check does not keep up, or an open transaction holds it back.',
          kind: 'chart',
          unit: 's',
          widthColumns: 12,
          thresholds: [[900, 'red']],
          runbook: 'TollgateIntegrityBehind',
          queries: [
            { expr: 'max(tollgate_ledger_integrity_lag_seconds)', legend: 'lag' },
            { expr: 'max(tollgate_ledger_integrity_duration_seconds)', legend: 'duration' },
          ],
        },
        {
          title: 'Books compared',
          description:
            "How long ago the gateway's book was last compared with ours. A comparison is due every night; empty if there was none yet.",
          kind: 'chart',
          unit: 's',
          widthColumns: 12,
          thresholds: [[129600, 'red']],
          runbook: 'TollgateReconciliationBehind',
          queries: [
            {
              expr: 'time() - max(tollgate_reconciliation_last_report_timestamp_seconds > 0)',
              legend: 'last report',
            },
          ],
        },
        {
          title: 'Work beside the queue, last success',
          description:
            'How long ago each task last succeeded in any worker. Rescue and inquiries run every few seconds, the fold and the integrity check every minute, the comparison of books every night.',
          kind: 'chart',
          unit: 's',
          widthColumns: 12,
          runbook: 'TollgateMaintenanceFailing',
          queries: [
            {
              expr: 'time() - max by (task) (tollgate_maintenance_last_success_timestamp_seconds)',
              legend: '{{task}}',
            },
          ],
        },
      ],
    },
    {
      title: 'The database',
      panels: [
        {
          title: 'Connection pools',
          description:
            'Connections in use, and requests that wait for one, by process and pool. If waiting stays above zero, the pool is too small or the database is slow.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          runbook: 'TollgatePoolExhausted',
          queries: [
            {
              expr: 'sum by (job, pool, state) (tollgate_database_pool_connections{state!="idle", instance=~"$instance"})',
              legend: '{{job}} {{pool}} {{state}}',
            },
            {
              expr: 'sum by (job, pool) (tollgate_database_pool_limit_connections{instance=~"$instance"})',
              legend: '{{job}} {{pool}} limit',
            },
          ],
        },
        {
          title: 'Connections by state',
          description:
            'All clients of this database. idle_in_transaction: a session does nothing, but may hold locks or a snapshot.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 12,
          isStacked: true,
          runbook: 'TollgateSnapshotHeld',
          queries: [{ expr: 'max by (state) (tollgate_database_connections)', legend: '{{state}}' }],
        },
        {
          title: 'Dead tuples',
          description:
            'Row versions that wait for vacuum. Those of the queue rise and fall like the teeth of a saw. If a line only rises, somebody holds a snapshot.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          runbook: 'TollgateDeadTuplesPiling',
          queries: [{ expr: 'tollgate:database_dead_tuples:max', legend: '{{table}}' }],
        },
        {
          title: 'Age of the oldest snapshot',
          description: 'Age of the oldest open transaction that holds a snapshot or writes.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          thresholds: [
            [60, 'orange'],
            [600, 'red'],
          ],
          runbook: 'TollgateSnapshotHeld',
          queries: [{ expr: 'tollgate:database_oldest_transaction_seconds:max', legend: 'oldest' }],
        },
        {
          title: 'Transactions behind',
          description:
            'Transactions since the oldest snapshot (replicas and prepared transactions count too), and transactions that the fold has not read yet.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          runbook: 'TollgateFoldBehind',
          queries: [
            { expr: 'max(tollgate_database_snapshot_lag_transactions)', legend: 'oldest snapshot' },
            { expr: 'max(tollgate_ledger_fold_lag_transactions)', legend: 'fold' },
          ],
        },
      ],
    },
    {
      title: 'The processes',
      panels: [
        {
          title: 'Event loop lag, p99',
          description:
            'One in a hundred turns of the event loop is at least this late. If this nears the length of a lease, leases are renewed late.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          thresholds: [[0.5, 'red']],
          runbook: 'TollgateEventLoopSlow',
          queries: [
            {
              expr: 'nodejs_eventloop_lag_p99_seconds{job=~"tollgate-.*", instance=~"$instance"}',
              legend: '{{job}} {{instance}}',
            },
          ],
        },
        {
          title: 'Memory',
          description:
            'Resident memory, and the JavaScript heap in use. Rising and falling is normal; if it only rises, it is a leak.',
          kind: 'chart',
          unit: 'bytes',
          widthColumns: 8,
          queries: [
            {
              expr: 'process_resident_memory_bytes{job=~"tollgate-.*", instance=~"$instance"}',
              legend: '{{job}} {{instance}}',
            },
            {
              expr: 'nodejs_heap_size_used_bytes{job=~"tollgate-.*", instance=~"$instance"}',
              legend: '{{job}} {{instance}} heap',
            },
          ],
        },
        {
          title: 'Processor',
          description:
            'Processors in use. A Node process runs its JavaScript on one: near 1 it is full, so start another process.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          thresholds: [[0.9, 'orange']],
          runbook: 'TollgateEventLoopSlow',
          queries: [
            {
              expr: 'rate(process_cpu_seconds_total{job=~"tollgate-.*", instance=~"$instance"}[$__rate_interval])',
              legend: '{{job}} {{instance}}',
            },
          ],
        },
        {
          title: 'Requests that wait to be written',
          description:
            'Requests in the API that wait for their batch. At API_MAX_WAITING_REQUESTS, further ones are answered 503.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          queries: [
            {
              expr: 'sum by (instance) (tollgate_accept_waiting{instance=~"$instance"})',
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Age of the samples',
          description:
            'How long ago a process last sampled the queue, the ledger and the database. If it rises, the panels about them show old values.',
          kind: 'chart',
          unit: 's',
          widthColumns: 8,
          thresholds: [[60, 'red']],
          runbook: 'TollgateSamplesOld',
          queries: [
            {
              expr: 'time() - max by (sample) (tollgate_sample_last_success_timestamp_seconds)',
              legend: '{{sample}}',
            },
          ],
        },
        {
          title: 'Versions',
          description:
            'Processes by the version that they run. If there are two lines for long, a roll-out is stuck.',
          kind: 'chart',
          unit: 'short',
          widthColumns: 8,
          queries: [{ expr: 'count by (job, version) (tollgate_build_info)', legend: '{{job}} {{version}}' }],
        },
      ],
    },
  ],
};
