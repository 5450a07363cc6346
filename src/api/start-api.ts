import { watchIntegrity } from '../integrity/watch-integrity.ts';
import { createHomeCheck } from '../ledger/admit-at-home.ts';
import { assertAtHome } from '../ledger/assert-at-home.ts';
import { requireFrozenScales } from '../ledger/frozen-scales.ts';
import { createAcceptor } from '../payments/accept-payments.ts';
import { createAdmission } from '../payments/admit-sessions.ts';
import { createCallbackIntake } from '../payments/create-callback-intake.ts';
import { createUserCreator } from '../payments/create-user.ts';
import { createCallbackObserver } from '../payments/observe-callbacks.ts';
import { startSampledGauges } from '../payments/sampled-gauges.ts';
import { createHistoryWatch } from '../payments/watch-history.ts';
import { createWakeUpSender } from '../queue/wake-up.ts';
import { type Config, requireDatabaseUrl, requireOperatorToken } from '../shared/config.ts';
import { createKnex, createListKnex, createPool } from '../shared/database.ts';
import { startDatabasePulse } from '../shared/database-pulse.ts';
import { createJobFailures } from '../shared/job-failures.ts';
import type { Logger } from '../shared/logging.ts';
import { createRegistry } from '../shared/metrics.ts';
import { createMetricsPage } from '../shared/metrics-page.ts';
import { registerPoolGauge } from '../shared/pool-gauge.ts';
import { readVersion } from '../shared/version.ts';
import { waitForDatabase } from '../shared/wait-for-database.ts';
import type { ApiContext } from './api-context.ts';
import { createApiMetrics } from './api-metrics.ts';
import { listen } from './listen.ts';
import { startLoadMeter } from './load-meter.ts';
import { renderAcceptance, renderCreatedUser } from './render.ts';

const STOP_GRACE_MS = 5000;

/**
 * Starts the API.
 * @throws StartError or ConfigError when it cannot.
 */
export async function startApi(config: Config, log: Logger) {
  requireOperatorToken(config);
  const databaseUrl = requireDatabaseUrl(config);
  const registry = createRegistry();
  const watchHistory = createHistoryWatch((by) => log.error({ event: 'database.history_cut', by }));
  const atHome = { admit: createAdmission(watchHistory) };
  const pool = createPool(
    databaseUrl,
    config,
    'api',
    (error) => log.warn({ event: 'database.connection_lost', error }),
    atHome,
  );
  const knex = createKnex(databaseUrl, config, 'api', atHome);
  const lists = createListKnex(databaseUrl, config, 'api', { admit: createHomeCheck() });
  registerPoolGauge(registry, { hot: pool, read: knex, lists });
  await waitForDatabase(pool, { databaseUrl, log });
  await assertAtHome(pool);
  await requireFrozenScales(pool);

  const failuresOf = createJobFailures({ log, registry });
  const wakeUps = createWakeUpSender(pool, { onError: failuresOf('send_wake_ups') });
  const commandOptions = {
    pool,
    responseTtlMs: config.idempotency.responseTtlMs,
    maxBatchSize: config.api.maxBatchSize,
    maxWaiting: config.api.maxWaitingRequests,
    maxWaitMs: config.api.maxWaitMs,
    lockPatienceMs: config.database.lockTimeoutMs,
  };
  const userCreator = createUserCreator({ ...commandOptions, renderResponse: renderCreatedUser });
  const acceptor = createAcceptor({
    ...commandOptions,
    feePercent: config.payments.feePercent,
    doRefundsReturnFee: config.payments.doRefundsReturnFee,
    renderResponse: renderAcceptance,
    onBatch: ({ requestCount, durationMs }) => {
      metrics.batchSize.observe(requestCount);
      metrics.batchDuration.observe(durationMs / 1000);
    },
    onCommitted: wakeUps.wake,
  });
  const metrics = createApiMetrics(registry, acceptor);
  const callbacks = createCallbackIntake({
    pool,
    events: createCallbackObserver(log, registry, metrics.outcomes),
  });
  const gauges = startSampledGauges({
    pool,
    registry,
    intervalMs: config.metrics.sampleIntervalMs,
    onError: failuresOf('sample'),
  });
  const integrity = await watchIntegrity({
    pool,
    registry,
    intervalMs: config.integrity.pollIntervalMs,
    staleAfterMs: config.integrity.staleAfterMs,
    onError: failuresOf('watch_integrity'),
  });
  const version = readVersion();
  const loadMeter = startLoadMeter({ onError: failuresOf('measure_load') });
  const pulsePool = createPool(
    databaseUrl,
    // A connection that takes longer than hangs may take is an answer when it comes: given up at that moment, none would ever come.
    {
      ...config,
      database: { ...config.database, poolSize: 1, connectTimeoutMs: 2 * config.database.connectTimeoutMs },
    },
    'api-pulse',
    () => {},
  );
  const pulse = startDatabasePulse({
    pool: pulsePool,
    hungAfterMs: config.database.connectTimeoutMs,
    onHung: () => log.error({ event: 'database.gives_no_answer' }),
    onAnswer: () => log.info({ event: 'database.answers_again' }),
    onError: failuresOf('watch_database'),
  });
  const context: ApiContext = {
    config,
    pool,
    knex,
    lists,
    acceptor,
    userCreator,
    callbacks,
    integrity,
    log,
    metricsPage: createMetricsPage(registry, { maxAgeMs: config.metrics.maxAgeMs }),
    metrics,
    version,
    pulse,
    loadMeter,
    onTaskReady: wakeUps.wake,
  };
  const server = await listen(context, registry);
  const { operatorPort } = server;
  log.info({
    event: 'api.started',
    host: config.api.host,
    port: server.port,
    ...(operatorPort === undefined
      ? {}
      : { operator_host: config.operators.host, operator_port: operatorPort }),
    version,
  });

  return {
    port: server.port,
    operatorPort,
    async stop(): Promise<void> {
      await server.stop(STOP_GRACE_MS);
      await Promise.all([acceptor.stop(), userCreator.stop(), callbacks.stop()]);
      await Promise.all([pulse, loadMeter, gauges, integrity, wakeUps].map((running) => running.stop()));
      await Promise.all([pool.end(), pulsePool.end(), knex.destroy(), lists.destroy()]);
    },
  };
}
