import { setTimeout as sleep } from 'node:timers/promises';
import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import {
  listPrometheusFiles,
  OPS,
  type Panel,
  queryPanels,
  readDashboard,
  readRules,
  seriesIn,
} from '../support/monitoring-files.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import {
  findPrometheus,
  runPromtool,
  type StartedPrometheus,
  startPrometheus,
} from '../support/prometheus.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { startTraffic } from '../support/traffic.ts';
import { waitUntil } from '../support/wait-until.ts';
import { drawDashboard } from './draw-dashboard.ts';

const isInstalled = findPrometheus() !== undefined;
const isDrawing = process.env.WRITE_DOCS === 'true';
if (!isInstalled) {
  process.stderr.write(
    'Skipped: dashboards and rules on a real Prometheus, which is not installed here (Debian: apt-get install prometheus).\n',
  );
}
// Where everything must run, what is missing is a failure.
const suite = isInstalled || process.env.CI === 'true' ? describe : describe.skip;

suite('promtool', () => {
  test('accepts the configurations and the rules', () => {
    for (const name of ['prometheus.yml', 'prometheus-local.yml']) {
      expect(runPromtool(['check', 'config', `${OPS}/prometheus/${name}`])).toContain('SUCCESS');
    }
    expect(runPromtool(['check', 'rules', ...listPrometheusFiles('rules')])).toContain('SUCCESS');
  });

  test('sees every alert fire when it should and stay silent when it should not', () => {
    expect(runPromtool(['test', 'rules', ...listPrometheusFiles('tests')])).not.toContain('FAILED');
  });
});

suite('a real Prometheus, on the running stack under load', () => {
  let database: TestDatabase;
  let prometheus: StartedPrometheus;
  let pages: string[];
  const running: StartedProcess[] = [];
  const stops: (() => Promise<void>)[] = [];
  const panels = [readDashboard('payments'), readDashboard('engine')].flatMap(queryPanels);

  async function start(name: 'api' | 'worker' | 'gateway-mock', env: Record<string, string> = {}) {
    const started = startProcess(name, {
      APP_ENV: 'test',
      LOG_LEVEL: 'info',
      DATABASE_URL: database.databaseUrl,
      API_PORT: '0',
      GATEWAY_MOCK_PORT: '0',
      WORKER_METRICS_PORT: '0',
      WORKER_SAMPLE_INTERVAL_SECONDS: '0.5',
      ...env,
    });
    running.push(started);
    const { port } = await waitForStart(started);
    return { ...started, origin: `http://127.0.0.1:${port}`, address: `127.0.0.1:${port}` };
  }

  async function holdsTasks(pid: number | undefined): Promise<boolean> {
    const { rowCount } = await database.pool.query('select from payment_tasks where locked_by like $1', [
      `%-${pid}-%`,
    ]);
    return rowCount !== 0;
  }

  async function hasStaleResults(origin: string): Promise<boolean> {
    const page = await (await fetch(`${origin}/metrics`)).text();
    return /^tollgate_stale_results_total [1-9]/m.test(page);
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    const secret = { GATEWAY_CALLBACK_SECRET: 'a secret of this test' };
    const conversions = { ...RATES_FROM_TESTS, CONVERSION_POSITION_LIMITS: 'USD:100000,EUR:100000' };
    await giveRates(database, { EUR: '0.9154' });
    const api = await start('api', { ...secret, ...conversions });
    const mock = await start('gateway-mock', {
      GATEWAY_MOCK_SEED: 'monitoring',
      GATEWAY_MOCK_REFUSAL_RATE: '0.05',
      GATEWAY_MOCK_TIMEOUT_RATE: '0.05',
      GATEWAY_MOCK_ERROR_RATE: '0.1',
      // Longer than a worker is stopped below, so that its tasks are rescued and not ended by their callbacks.
      GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '8',
      GATEWAY_MOCK_CALLBACK_URL: `${api.origin}/api/v1/gateway/callbacks`,
      ...secret,
    });
    const settings = {
      ...conversions,
      PAYMENT_GATEWAY_URL: `${mock.origin}/mock-gateway`,
      WORKER_PROCESSING_TIMEOUT_SECONDS: '2',
      GATEWAY_TIMEOUT_SECONDS: '0.4',
      GATEWAY_BACKOFF_BASE_SECONDS: '0.2',
      GATEWAY_BACKOFF_JITTER_SECONDS: '0.2',
    };
    const worker = await start('worker', settings);
    const stalled = await start('worker', settings);
    prometheus = await startPrometheus({
      'tollgate-api': [api.address],
      'tollgate-worker': [worker.address, stalled.address],
    });
    stops.push(() => prometheus.stop());

    const traffic = await startTraffic(api.origin, { perSecond: 40 });
    stops.push(() => traffic.stop());
    await sleep(isDrawing ? 60_000 : 3000);
    // A worker that stands still for longer than its lease: its tasks are rescued, and its results come too late.
    await changeGateway(mock.origin, { latency_median_ms: 200, latency_p99_ms: 300 });
    // Once is not always enough: a worker that is stopped between two calls has nothing to be late with.
    await waitUntil(
      'a worker whose results came too late',
      async () => {
        stalled.child.kill('SIGSTOP');
        if (await holdsTasks(stalled.child.pid)) await sleep(3500);
        stalled.child.kill('SIGCONT');
        await sleep(500);
        return await hasStaleResults(stalled.origin);
      },
      { deadlineMs: 120_000, pauseMs: 100 },
    );
    await changeGateway(mock.origin, { latency_median_ms: 20, latency_p99_ms: 200 });
    if (isDrawing) await sleep(30_000);
    // A gateway that answers nothing for a while: attempts end with an unknown outcome, and so do the first questions.
    await changeGateway(mock.origin, { is_down: true, inquiry_error_rate: 1 });
    await sleep(isDrawing ? 20_000 : 5000);
    await changeGateway(mock.origin, { is_down: false, inquiry_error_rate: 0 });
    if (isDrawing) await sleep(60_000);
    // Due every few minutes by itself; an operator can ask for them like this too.
    await database.pool.query(
      `select graphile_worker.add_job(task) from unnest(array['foldSystemAccounts', 'checkIntegrity', 'reconcile']) as task`,
    );
    const origins = [api.origin, worker.origin, stalled.origin];
    pages = await Promise.all(origins.map(async (origin) => await (await fetch(`${origin}/metrics`)).text()));
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    await database.close();
  });

  test('its linter accepts every /metrics page', () => {
    for (const page of pages) expect(runPromtool(['check', 'metrics'], page)).toBe('');
  });

  test('every query of every panel gives data, now and over time', async () => {
    const missing = new Map(panels.flatMap((panel) => queriesOf(panel).map((query) => [query, panel.title])));
    await waitUntil(
      'data for every panel',
      async () => {
        for (const query of missing.keys()) {
          const series = await prometheus.query(query);
          if (series.some(({ points }) => points.some(([, value]) => Number.isFinite(value))))
            missing.delete(query);
        }
        return missing.size === 0;
      },
      { deadlineMs: 60_000, pauseMs: 1000 },
    ).catch(() => {});
    expect(Object.fromEntries(missing)).toEqual({});

    for (const query of panels.flatMap(queriesOf)) {
      const endSeconds = Date.now() / 1000;
      const series = await prometheus.queryRange(query, {
        startSeconds: endSeconds - 60,
        endSeconds,
        stepSeconds: 5,
      });
      expect([query, series.length]).not.toEqual([query, 0]);
    }
  });

  test('the load produced what the panels are meant to show', async () => {
    const happened = [
      'tollgate_payments_settled_total',
      'tollgate_payments_failed_total{reason="refused"}',
      'tollgate_payments_retried_total',
      'tollgate_payments_unknown_total',
      'tollgate_dead_letters_total{reason="outcome_unknown"}',
      'tollgate_unknown_inquiries_total',
      'tollgate_settled_amount_minor_units_total{type="withdraw"}',
      'tollgate_fee_income_minor_units_total',
      'tollgate_tasks_rescued_total',
      'tollgate_stale_results_total',
      'tollgate_gateway_callbacks_total',
      'tollgate_gateway_breaker_opened_total',
      'tollgate_gateway_calls_total{outcome="unknown"}',
      'tollgate_payments_refused_total{reason="insufficient_funds"}',
      'tollgate_idempotent_replays_total',
      'tollgate_order_holds_total{event="captured"}',
      'tollgate_conversion_quotes_total{event="used"}',
      'tollgate_conversion_quotes_refused_total',
      'tollgate_conversions_total{pair="USD-EUR"}',
      'tollgate_conversions_refused_total{reason="quote_used"}',
      'tollgate_transfers_total{result="transferred"}',
    ];
    for (const series of happened) {
      await waitUntil(
        `${series} above 0`,
        async () => (await prometheus.query(`sum(${series}) > 0`)).length > 0,
        { pauseMs: 500 },
      );
    }
  });

  test('every rule is evaluated without an error, and every series that it reads exists', async () => {
    const rules = readRules();
    const evaluated = await waitUntil('rules that were evaluated', async () => {
      const found = await prometheus.rules();
      return found.every(({ health }) => health !== 'unknown') && found;
    });
    expect(evaluated.map(({ name }) => name).sort()).toEqual(
      rules.map(({ alert, record }) => alert ?? (record as string)).sort(),
    );
    expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([]);
    const read = new Set(rules.flatMap(({ expr }) => seriesIn(expr)));
    // A scrape that failed leaves a gap until the next one.
    for (const name of read)
      await waitUntil(name, async () => (await prometheus.query(`{__name__="${name}"}`)).length > 0);
  });

  test('there are few series: no label takes its values from clients', async () => {
    const counts = await waitUntil('many series', async () => {
      const found = await prometheus.query('count by (__name__, instance) ({__name__=~"tollgate_.+"})');
      return found.length > 50 && found;
    });
    for (const { metric, points } of counts) {
      expect({ metric: metric.__name__, isFew: (points[0]?.[1] ?? 0) <= 500 }).toEqual({
        metric: metric.__name__,
        isFew: true,
      });
    }
  });

  if (isDrawing) {
    test('its answers are drawn for the documentation', async () => {
      for (const name of ['payments', 'engine'] as const) {
        expect(await drawDashboard(readDashboard(name), prometheus, concrete)).toBeGreaterThan(10_000);
      }
    });
  }
});

async function changeGateway(origin: string, change: object): Promise<void> {
  const response = await fetch(`${origin}/mock-gateway/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  expect(response.status).toBe(200);
}

/** A query with what Grafana puts in for its variables. */
function concrete(expr: string): string {
  return expr.replaceAll('$__rate_interval', '15s').replaceAll('$instance', '.*');
}

function queriesOf({ targets = [] }: Panel): string[] {
  return targets.map(({ expr }) => concrete(expr));
}
