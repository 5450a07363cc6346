import { createPool } from '../../src/database/database.ts';
import { DEFAULT_GATEWAY } from '../../src/gateway/port/default-gateway.ts';
import { createCallbackObserver } from '../../src/payments/callbacks/observe-callbacks.ts';
import { createSteadyClock } from '../../src/payments/unknown/steady-clock.ts';
import { requireDatabaseUrl } from '../../src/process/settings/config.ts';
import { loadConfig } from '../../src/process/settings/load-config.ts';
import { createJobFailures } from '../../src/telemetry/job-failures.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { createRegistry } from '../../src/telemetry/metrics.ts';
import { createPaymentWorker, type PaymentWorker } from '../../src/worker/payment-worker.ts';
import { createEventRecorder } from '../../src/worker/record-events.ts';
import { steerGateway } from '../../src/worker/steer-gateway.ts';
import { createSteeringMetrics } from '../../src/worker/steering-metrics.ts';
import type { WorkerEvents } from '../../src/worker/worker-events.ts';
import { createWorkerMetrics } from '../../src/worker/worker-metrics.ts';
import { instantGateway } from './instant-gateway.ts';

const MAX_ATTEMPTS = 3;

/**
 * Makes a worker of the real parts, with its logging and metrics on and the settings of the environment; only the gateway is
 * one that answers at once.
 */
export function prepareOurWorker() {
  const config = loadConfig();
  const log = createLogger(config, 'worker');
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry);
  const recorder = createEventRecorder(log, metrics, {
    differencesFound: createCallbackObserver(log, registry, metrics.outcomes).differencesFound,
    renewalFailed: createJobFailures({ log, registry })('renew_leases'),
  });
  const pool = createPool(requireDatabaseUrl(config), config, 'bench-worker', (error) => {
    throw error;
  });
  const { breaker, callBudget } = steerGateway({
    name: DEFAULT_GATEWAY,
    config,
    gateway: instantGateway,
    pool,
    metrics: createSteeringMetrics(registry),
    log,
    onChange: () => {},
  });

  return {
    config,
    log,
    createWorker(listened: Partial<Pick<WorkerEvents, 'claimed' | 'settled'>>): PaymentWorker {
      const events: WorkerEvents = {
        ...recorder,
        claimed(claim) {
          recorder.claimed(claim);
          listened.claimed?.(claim);
        },
        settled(run, result) {
          recorder.settled(run, result);
          listened.settled?.(run, result);
        },
      };
      return createPaymentWorker({
        pool,
        gateway: instantGateway,
        breaker,
        callBudget,
        clock: createSteadyClock({ queryable: pool }),
        workerId: `bench-${process.pid}`,
        policy: {
          maxAttempts: MAX_ATTEMPTS,
          backoff: { baseMs: 1000, maxMs: 30_000, jitterMs: 500 },
          notFoundGraceMs: config.gateway.notFoundGraceMs,
        },
        maxRescues: config.worker.maxRescues,
        concurrency: config.worker.concurrency,
        batchSize: config.worker.batchSize,
        leaseMs: config.worker.leaseMs,
        pollIntervalMs: config.worker.pollIntervalMs,
        events,
      });
    },
  };
}
