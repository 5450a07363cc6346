import { createAcceptor } from '../payments/create-acceptor.ts';
import { startQueueGauges } from '../queue/queue-gauges.ts';
import { createWakeUpSender } from '../queue/wake-up.ts';
import { type Config, requireDatabaseUrl } from '../shared/config.ts';
import { createKnex, createPool } from '../shared/database.ts';
import { startHttpServer } from '../shared/http-server.ts';
import type { Logger } from '../shared/logging.ts';
import { createRegistry } from '../shared/metrics.ts';
import { registerPoolGauge } from '../shared/pool-gauge.ts';
import { readVersion } from '../shared/version.ts';
import { waitForDatabase } from '../shared/wait-for-database.ts';
import { createApiMetrics } from './api-metrics.ts';
import { createApp } from './create-app.ts';
import { prepareToEndConnections } from './end-connections.ts';
import { renderAcceptance } from './render.ts';
import { answerUnreadableRequests } from './unreadable-requests.ts';

const STOP_GRACE_MS = 5000;

/**
 * Starts the API.
 * @throws StartError or ConfigError when it cannot.
 */
export async function startApi(config: Config, log: Logger) {
  const databaseUrl = requireDatabaseUrl(config);
  const registry = createRegistry();
  const pool = createPool(databaseUrl, config, 'api', (error) =>
    log.warn({ event: 'database.connection_lost', error }),
  );
  const knex = createKnex(databaseUrl, config, 'api');
  registerPoolGauge(registry, { hot: pool });
  await waitForDatabase(pool, { databaseUrl, log });

  const wakeUps = createWakeUpSender(pool, {
    onError: (error) => log.warn({ event: 'queue.wake_up_failed', error }),
  });
  const acceptor = createAcceptor({
    pool,
    feePercent: config.TRANSACTION_FEE,
    responseTtlMs: config.IDEMPOTENCY_RESPONSE_TTL_DAYS,
    maxBatchSize: config.API_MAX_BATCH_SIZE,
    maxWaiting: config.API_MAX_WAITING_REQUESTS,
    renderResponse: renderAcceptance,
    onBatch: ({ requestCount, durationMs }) => {
      metrics.batchSize.observe(requestCount);
      metrics.batchDuration.observe(durationMs / 1000);
    },
    onCommitted: wakeUps.wake,
  });
  const metrics = createApiMetrics(registry, acceptor);
  const gauges = startQueueGauges({
    pool,
    registry,
    intervalMs: config.WORKER_SAMPLE_INTERVAL_SECONDS,
    onError: (error) => log.warn({ event: 'queue.sample_failed', error }),
  });
  const version = readVersion();
  const app = createApp({
    config,
    pool,
    knex,
    acceptor,
    log,
    registry,
    metrics,
    version,
    onTaskReady: wakeUps.wake,
  });
  const server = await startHttpServer(app, {
    host: config.API_HOST,
    port: config.API_PORT,
    portSetting: 'API_PORT',
    requestTimeoutMs: config.API_REQUEST_TIMEOUT_SECONDS,
  });
  answerUnreadableRequests(server.server);
  const connections = prepareToEndConnections(server.server);
  log.info({ event: 'api.started', host: config.API_HOST, port: server.port, version });

  return {
    port: server.port,
    async stop(): Promise<void> {
      connections.endConnections();
      await server.stop(STOP_GRACE_MS);
      await acceptor.stop();
      await Promise.all([gauges.stop(), wakeUps.stop()]);
      await Promise.all([pool.end(), knex.destroy()]);
    },
  };
}
