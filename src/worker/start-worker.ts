import { hostname } from 'node:os';
import { startJobs } from '../background/jobs.ts';
import { listConversionSamplers } from '../conversions/conversion-gauges.ts';
import { chooseRateProvider } from '../conversions/rates/choose-provider.ts';
import { createKnex, createPool } from '../database/database.ts';
import { connectionOptions } from '../database/sessions/connection-options.ts';
import { waitForDatabase } from '../database/sessions/wait-for-database.ts';
import { adviseMistaken, noteAddresses } from '../gateway/port/gateway-addresses.ts';
import { readGateways } from '../gateway/port/gateways.ts';
import { startHttpServer } from '../http/http-server.ts';
import { watchIntegrity } from '../integrity/watch-integrity.ts';
import { requireFrozenScales } from '../ledger/scales/frozen-scales.ts';
import { createAdmission } from '../ledger/server/admit-sessions.ts';
import { requireLedgerServer } from '../ledger/server/require-ledger-server.ts';
import { createCallbackObserver } from '../payments/callbacks/observe-callbacks.ts';
import { createHistoryWatch } from '../payments/history/watch-history.ts';
import { startSampledGauges } from '../payments/read/sampled-gauges.ts';
import { createSteadyClock } from '../payments/unknown/steady-clock.ts';
import { type Config, requireDatabaseUrl } from '../process/settings/config.ts';
import { readVersion } from '../process/version.ts';
import { retentionOf } from '../retention/retention-periods.ts';
import { createJobFailures } from '../telemetry/job-failures.ts';
import type { Logger } from '../telemetry/logging.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { createMetricsPage } from '../telemetry/metrics-page.ts';
import { registerPoolGauge } from '../telemetry/pool-gauge.ts';
import { startCrontab } from './crontab.ts';
import { createGatewayLanes, type ReadableGateway, readAccess } from './gateway-lanes.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createMaintenance } from './maintenance.ts';
import { createObservationApp } from './observation-server.ts';
import { observeMaintenance } from './observe-maintenance.ts';
import { createEventRecorder } from './record-events.ts';
import { listSweeps } from './sweeps.ts';
import { listenForTasks } from './wake-up-listener.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

const LAST_ANSWERS_MS = 500;
/** For metrics scrapers and health checks. */
const MAX_OBSERVERS = 100;

/**
 * Starts a worker: a list of jobs (payments, sweeps, the crontab), and a server for metrics and health.
 * @throws StartError or ConfigError if it cannot start.
 */
export async function startWorker(config: Config, log: Logger) {
  const databaseUrl = requireDatabaseUrl(config);
  const described = readAccess(readGateways(config));
  const { types: _types, ...plainConnection } = connectionOptions(databaseUrl, config, 'worker-listen');
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry);
  const callbacks = createCallbackObserver(log, registry, metrics.outcomes);
  const failuresOf = createJobFailures({ log, registry });
  const events = createEventRecorder(log, metrics, {
    differencesFound: callbacks.differencesFound,
    renewalFailed: failuresOf('renew_leases'),
  });
  const watchHistory = createHistoryWatch(events.historyCut);
  const atHome = { admit: createAdmission(watchHistory) };
  const pool = createPool(
    databaseUrl,
    config,
    'worker',
    (error) => log.warn({ event: 'database.connection_lost', error }),
    atHome,
  );
  const knex = createKnex(databaseUrl, config, 'worker', atHome);
  registerPoolGauge(registry, { hot: pool, read: knex });
  await waitForDatabase(pool, { databaseUrl, log });
  await requireLedgerServer(pool);
  await requireFrozenScales(pool);
  const mistaken = await noteAddresses(pool, described);
  for (const each of mistaken)
    log.error({ event: 'gateway.address_changed', gateway: each.name, advice: adviseMistaken(each) });
  // Their payments wait, and count as those of a gateway that is not configured.
  const gateways = described.filter(({ name }) => !mistaken.some((each) => each.name === name));

  const integrity = await watchIntegrity({
    pool,
    registry,
    intervalMs: config.integrity.pollIntervalMs,
    staleAfterMs: config.integrity.staleAfterMs,
    onError: failuresOf('watch_integrity'),
  });
  const workerId = `${hostname()}-${process.pid}-${Date.now().toString(36)}`;
  const leaseMs = config.worker.leaseMs;
  const clock = createSteadyClock({ queryable: pool, onUnsteady: events.clockUnsteady });
  const lanes = createGatewayLanes(gateways, {
    ...{ pool, clock, workerId, leaseMs, registry, metrics, log, events },
    maxRescues: config.worker.maxRescues,
    concurrency: config.worker.concurrency,
    batchSize: config.worker.batchSize,
    pollIntervalMs: config.worker.pollIntervalMs,
    // While the ledger is wrong, do not make it worse: settle what was sent, but send nothing new.
    mustNotSend: () => integrity.openCount() > 0 || heartbeat.isPaused(),
  });
  const tasks = createMaintenance({
    pool,
    knex,
    gateways: lanes.lanes,
    clock,
    watchHistory,
    leaseMs,
    maxRescues: config.worker.maxRescues,
    reviewHorizonMs: config.reconciliation.horizonMs,
    responseTtlMs: config.idempotency.responseTtlMs,
    retention: retentionOf(config),
    onHoldsExpired: (count) => metrics.orderHolds.happened('expired', count),
    onHoldExpiryFailed: metrics.orderHolds.expiryFailed,
    onPruned: (table, rowCount) => metrics.rowsPruned.inc({ table }, rowCount),
    rateProvider: chooseRateProvider(config),
    ratesTimeoutMs: config.conversions.ratesTimeoutMs,
    ratesMaxJump: config.conversions.ratesMaxJump,
    reconciliationGraceMs: config.reconciliation.graceMs,
    integrity: {
      runMs: config.integrity.runMs,
      stepRows: config.integrity.stepRows,
      reviewRows: config.integrity.reviewRows,
    },
    log,
    events,
    callbacks,
    mustNotMoveMoney: () => integrity.openCount() > 0,
    onTasksReady: lanes.wakeForRescued,
    onIntegrityChecked: integrity.look,
  });
  const maintenance = observeMaintenance(tasks, metrics);
  const startedAt = Date.now();
  const heartbeat = await startHeartbeat({
    pool,
    worker: {
      id: workerId,
      host: hostname(),
      processId: process.pid,
      version: readVersion(),
      startedAt: new Date(startedAt),
    },
    describe: () => ({
      ...lanes.counts(),
      concurrency: config.worker.concurrency,
      ...lanes.describe(),
    }),
    onChange(isPaused) {
      log.warn({ event: isPaused ? 'worker.paused' : 'worker.resumed', worker: workerId });
      lanes.wake();
    },
    onError: failuresOf('heartbeat'),
  });
  const server = await startHttpServer(
    createObservationApp({
      metricsPage: createMetricsPage(registry, { maxAgeMs: config.metrics.maxAgeMs }),
      pool,
      describe: () => ({
        worker: workerId,
        uptime_seconds: Math.round((Date.now() - startedAt) / 1000),
        integrity: integrity.openCount() > 0 ? 'violated' : 'ok',
        money_moves: integrity.openCount() === 0,
        standing_violations: integrity.openCount(),
        paused: heartbeat.isPaused(),
        ...lanes.counts(),
        ...lanes.describe(),
      }),
      allowedHosts: config.api.allowedHosts,
      listenedOn: config.worker.metricsHost,
    }),
    {
      host: config.worker.metricsHost,
      port: config.worker.metricsPort,
      portSetting: 'WORKER_METRICS_PORT',
      requestTimeoutMs: 10_000,
      maxConnections: MAX_OBSERVERS,
    },
  );

  const jobs = await startJobs(
    [
      {
        name: 'listen',
        start: () => listenForTasks({ databaseUrl, connection: plainConnection, log, onWakeUp: lanes.wake }),
      },
      {
        name: 'crontab',
        start: () => startCrontab({ databaseUrl, connection: plainConnection, maintenance, log }),
      },
      ...listSweeps({ maintenance, leaseMs, failuresOf }),
      {
        name: 'sample',
        start: () =>
          startSampledGauges({
            pool,
            registry,
            intervalMs: config.metrics.sampleIntervalMs,
            samplers: listConversionSamplers({ knex, pool, registry, config }),
            gateways: gateways.map(({ name }) => name),
            onStranded: ({ gateway, count }) =>
              log.error({
                event: 'gateway.not_configured',
                gateway,
                count,
                advice: 'payments wait for it and are sent nowhere else; npx tollgate doctor says why',
              }),
            onError: failuresOf('sample'),
            // Workers report this for the whole fleet, including the command line; the API logs its own at once.
            onResolution: ({ paymentId, outcome, by }) =>
              log.warn({
                event: 'payment.resolution_recorded',
                payment_id: paymentId.toString(),
                outcome,
                by,
              }),
          }),
      },
      {
        name: 'carry_out_payments',
        start() {
          lanes.start();
          return { stop: () => lanes.stop(config.worker.shutdownTimeoutMs) };
        },
      },
    ],
    { onStopFailed: (job, error) => failuresOf(job)(error) },
  );
  return {
    started: {
      event: 'worker.started',
      worker: workerId,
      port: server.port,
      gateway: gateways[0]?.access.baseUrl,
      ...describeFurther(gateways),
    },
    metricsPort: server.port,
    async stop(): Promise<void> {
      lanes.stopReading();
      // Metrics and health stay readable while the last payments are settled.
      await jobs.stop();
      await Promise.all([heartbeat.stop(), integrity.stop()]);
      await server.stop(LAST_ANSWERS_MS);
      lanes.close();
      await Promise.all([pool.end(), knex.destroy()]);
    },
  };
}

/** The gateways with a name, without their credentials. */
function describeFurther(gateways: readonly ReadableGateway[]) {
  const further = gateways.slice(1).map(({ name, currencies, access }) => ({
    name,
    currencies: currencies?.join(' '),
    address: access.baseUrl,
  }));
  return further.length > 0 ? { further_gateways: further } : {};
}
