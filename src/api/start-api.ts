import { listConversionSamplers } from '../conversions/conversion-gauges.ts';
import { createConverter } from '../conversions/convert/create-converter.ts';
import { createQuoteOfferer } from '../conversions/quotes/create-quote-offerer.ts';
import { createKnex, createListKnex, createPool } from '../database/database.ts';
import { startDatabasePulse } from '../database/sessions/database-pulse.ts';
import { waitForDatabase } from '../database/sessions/wait-for-database.ts';
import { createEventFeed } from '../events/event-feed.ts';
import { chooseByCurrency, readGateways } from '../gateway/port/gateways.ts';
import { requireOwnSecrets } from '../gateway/port/require-own-secrets.ts';
import { watchIntegrity } from '../integrity/watch-integrity.ts';
import { requireFrozenScales } from '../ledger/scales/frozen-scales.ts';
import { createAdmission } from '../ledger/server/admit-sessions.ts';
import { createServerCheck } from '../ledger/server/check-session-server.ts';
import { requireLedgerServer } from '../ledger/server/require-ledger-server.ts';
import { createOrderHolder } from '../order-holds/hold-for-order.ts';
import { createOrderHoldResolver } from '../order-holds/resolve-order-hold.ts';
import { createAcceptor } from '../payments/accept/accept-payments.ts';
import { createCallbackIntake } from '../payments/callbacks/create-callback-intake.ts';
import { createCallbackObserver } from '../payments/callbacks/observe-callbacks.ts';
import { createHistoryWatch } from '../payments/history/watch-history.ts';
import { startSampledGauges } from '../payments/read/sampled-gauges.ts';
import { watchConclusions } from '../payments/read/watch-conclusions.ts';
import { type Config, requireDatabaseUrl, requireOperatorToken } from '../process/settings/config.ts';
import { readVersion } from '../process/version.ts';
import { createWakeUpSender } from '../queue/wake-up.ts';
import { createJobFailures } from '../telemetry/job-failures.ts';
import type { Logger } from '../telemetry/logging.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { createMetricsPage } from '../telemetry/metrics-page.ts';
import { registerPoolGauge } from '../telemetry/pool-gauge.ts';
import { createUserCreator } from '../wallets/create-user.ts';
import { createWalletOpener } from '../wallets/open-wallet.ts';
import { createTransferExecutor } from '../wallets/transfer-money.ts';
import { renderHoldForOrder, renderResolution } from './features/accounts/render-order-hold.ts';
import { renderConverted } from './features/currency/render-conversion.ts';
import { createFeedPlaces } from './features/events/feed-places.ts';
import { renderAcceptance } from './features/payments/render-acceptance.ts';
import { renderTransferDecision } from './features/wallets/render-transfer.ts';
import { renderOpenedWallet } from './features/wallets/render-wallet.ts';
import { startLoadMeter } from './load/load-meter.ts';
import { createLookups } from './lookups.ts';
import type { ApiContext } from './server/api-context.ts';
import { createApiMetrics, observeFeed, observeWaits } from './server/api-metrics.ts';
import { listen } from './server/listen.ts';

const STOP_GRACE_MS = 5000;
/** All who read events share these; whoever waits for one has none. */
const CONNECTIONS_FOR_EVENTS = 2;
/** The rest of the pool stays for requests that move money. */
const SHARE_OF_POOL_FOR_QUOTES = 0.25;

/**
 * Starts the API.
 * @throws StartError or ConfigError if it cannot start.
 */
export async function startApi(config: Config, log: Logger) {
  requireOperatorToken(config);
  const gateways = readGateways(config);
  requireOwnSecrets(gateways);
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
  const lists = createListKnex(databaseUrl, config, 'api', { admit: createServerCheck() });
  const eventsPool = createPool(
    databaseUrl,
    {
      ...config,
      database: {
        ...config.database,
        poolSize: Math.min(CONNECTIONS_FOR_EVENTS, config.database.poolSize),
      },
    },
    'api-events',
    (error) => log.warn({ event: 'database.connection_lost', error }),
    { admit: createServerCheck() },
  );
  registerPoolGauge(registry, { hot: pool, read: knex, lists, events: eventsPool });
  await waitForDatabase(pool, { databaseUrl, log });
  await requireLedgerServer(pool);
  await requireFrozenScales(pool);

  const failuresOf = createJobFailures({ log, registry });
  const wakeUps = createWakeUpSender(pool, { onError: failuresOf('send_wake_ups') });
  const { frozenCredits } = config.wallets;
  const commandOptions = {
    pool,
    isHalted: () => integrity.openCount() > 0,
    responseTtlMs: config.idempotency.responseTtlMs,
    maxBatchSize: config.api.maxBatchSize,
    maxWaiting: config.api.maxWaitingRequests,
    maxWaitMs: config.api.maxWaitMs,
    lockPatienceMs: config.database.lockTimeoutMs,
  };
  const lookups = createLookups(commandOptions);
  const userCreator = createUserCreator(commandOptions);
  const walletOpener = createWalletOpener({
    ...commandOptions,
    // It opens empty ones: nothing moves.
    isHalted: undefined,
    renderResponse: renderOpenedWallet,
  });
  const transfers = createTransferExecutor({
    ...commandOptions,
    frozenCredits,
    renderResponse: renderTransferDecision,
  });
  const quoteOfferer = createQuoteOfferer({
    pool,
    maxConnections: Math.max(1, Math.floor(config.database.poolSize * SHARE_OF_POOL_FOR_QUOTES)),
    maxWaiting: config.api.maxWaitingRequests,
    maxWaitMs: config.api.maxWaitMs,
  });
  const converter = createConverter({
    ...commandOptions,
    frozenCredits,
    positionLimits: config.conversions.positionLimits,
    renderResponse: renderConverted,
  });
  const acceptor = createAcceptor({
    ...commandOptions,
    feePercent: config.payments.feePercent,
    doRefundsReturnFee: config.payments.doRefundsReturnFee,
    frozenCredits,
    gatewayFor: chooseByCurrency(gateways),
    renderResponse: renderAcceptance,
    onBatch: ({ requestCount, durationMs }) => {
      metrics.batchSize.observe(requestCount);
      metrics.batchDuration.observe(durationMs / 1000);
    },
    onCommitted: wakeUps.wake,
  });
  const orderHolder = createOrderHolder({ ...commandOptions, renderResponse: renderHoldForOrder });
  const orderHoldResolver = createOrderHoldResolver({
    ...commandOptions,
    frozenCredits,
    renderResponse: renderResolution,
  });
  const metrics = createApiMetrics(registry, acceptor);
  const callbacks = createCallbackIntake({
    pool,
    events: createCallbackObserver(log, registry, metrics.outcomes),
  });
  const conclusions = watchConclusions({ knex, onError: failuresOf('watch_conclusions') });
  observeWaits(registry, conclusions);
  const feed = createEventFeed({ pool: eventsPool, onError: failuresOf('watch_events') });
  const feedPlaces = createFeedPlaces(config.events.maxReaders);
  observeFeed(registry, feedPlaces);
  const gauges = startSampledGauges({
    pool,
    registry,
    intervalMs: config.metrics.sampleIntervalMs,
    samplers: listConversionSamplers({ knex, pool, registry, config }),
    gateways: gateways.map(({ name }) => name),
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
    // Do not give up on a connection that is slow to open, even beyond the hang limit: if each were given up at that moment, none would
    // ever succeed.
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
    gateways,
    pool,
    knex,
    lists,
    lookups,
    acceptor,
    userCreator,
    quoteOfferer,
    converter,
    walletOpener,
    orderHolder,
    orderHoldResolver,
    transfers,
    callbacks,
    conclusions,
    feed,
    feedPlaces,
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
  return {
    started: {
      event: 'api.started',
      host: config.api.host,
      port: server.port,
      ...(operatorPort === undefined
        ? {}
        : { operator_host: config.operators.host, operator_port: operatorPort }),
      version,
    },
    port: server.port,
    operatorPort,
    async stop(): Promise<void> {
      // Who waits for a payment is answered how it stands, so that the server can stop.
      // Who waits for events gets none; a stream ends.
      await Promise.all([conclusions.stop(), feed.stop()]);
      await server.stop(STOP_GRACE_MS);
      await Promise.all(
        [
          acceptor,
          userCreator,
          walletOpener,
          transfers,
          orderHolder,
          orderHoldResolver,
          converter,
          callbacks,
        ].map((running) => running.stop()),
      );
      await Promise.all([pulse, loadMeter, gauges, integrity, wakeUps].map((running) => running.stop()));
      await Promise.all([pool.end(), eventsPool.end(), pulsePool.end(), knex.destroy(), lists.destroy()]);
    },
  };
}
