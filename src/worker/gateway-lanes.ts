import type { Pool } from '../database/database.ts';
import { createAxiosGateway } from '../gateway/http/axios-gateway.ts';
import { createAxiosGatewayBook } from '../gateway/http/axios-gateway-book.ts';
import { readGatewayAccess } from '../gateway/port/gateway-access.ts';
import { type NamedGateway, ofGatewaySettings } from '../gateway/port/gateways.ts';
import { bookOptions } from '../reconciliation/book-options.ts';
import type { Logger } from '../telemetry/logging.ts';
import type { Registry } from '../telemetry/metrics.ts';
import { createPaymentWorker, type PaymentWorkerOptions } from './payment-worker.ts';
import { registerRunGauges } from './run-gauges.ts';
import { steerGateway } from './steer-gateway.ts';
import { createSteeringMetrics } from './steering-metrics.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A gateway with everything that its settings name read. */
export interface ReadableGateway extends NamedGateway {
  readonly access: ReturnType<typeof readGatewayAccess>;
  readonly book: ReturnType<typeof bookOptions>;
}

/**
 * Reads the files that the settings of gateways name.
 * @throws ConfigError naming the gateway and the setting.
 */
export function readAccess(gateways: readonly NamedGateway[]): ReadableGateway[] {
  return gateways.map((gateway) => ({
    ...gateway,
    access: ofGatewaySettings(gateway, readGatewayAccess),
    book: ofGatewaySettings(gateway, bookOptions),
  }));
}

type Shared = Pick<
  PaymentWorkerOptions,
  | 'pool'
  | 'clock'
  | 'workerId'
  | 'maxRescues'
  | 'leaseMs'
  | 'batchSize'
  | 'concurrency'
  | 'pollIntervalMs'
  | 'events'
> & { readonly mustNotSend: () => boolean };

/**
 * One lane for each gateway: its own client, circuit breaker, limit on calls, claims and slots. A gateway that is down, slow or wrongly
 * configured holds up the payments of its own lane and no others.
 */
export function createGatewayLanes(
  gateways: readonly ReadableGateway[],
  {
    registry,
    metrics,
    log,
    ...shared
  }: Shared & {
    readonly pool: Pool;
    readonly registry: Registry;
    readonly metrics: WorkerMetrics;
    readonly log: Logger;
  },
) {
  const steeringMetrics = createSteeringMetrics(registry);
  const lanes = gateways.map(({ name, gatewayName, config, access, book }) => {
    const gateway = createAxiosGateway({
      ...access,
      timeoutMs: config.gateway.timeoutMs,
      maxConnections: shared.concurrency,
      mapping: config.gateway.answerMapping,
      // Under a rate limit every request counts, and a retry would go out without waiting for its turn.
      ...(config.gateway.maxCallsPerSecond > 0 ? { inquiryRetries: 0 } : {}),
      onCall: ({ operation, outcome, errorClass, durationMs }) => {
        metrics.gatewayCalls.inc({ gateway: name, operation, outcome, error_class: errorClass ?? '' });
        metrics.gatewayLatency.observe({ gateway: name, operation }, durationMs / 1000);
      },
    });
    const steering = steerGateway({
      ...{ name, config, gateway, log },
      pool: shared.pool,
      metrics: steeringMetrics,
      onChange: () => worker.wake(),
    });
    const worker = createPaymentWorker({
      ...shared,
      gateway,
      gatewayName,
      breaker: steering.breaker,
      callBudget: steering.callBudget,
      policy: {
        maxAttempts: config.gateway.maxAttempts,
        backoff: {
          baseMs: config.gateway.backoffBaseMs,
          maxMs: config.gateway.backoffMaxMs,
          jitterMs: config.gateway.backoffJitterMs,
        },
        notFoundGraceMs: config.gateway.notFoundGraceMs,
      },
    });
    return {
      name,
      gatewayName,
      gateway,
      steering,
      worker,
      inquiryGateway: steering.inquiryGateway,
      inquiryLimit: steering.inquiryLimit,
      notFoundGraceMs: config.gateway.notFoundGraceMs,
      timeoutMs: config.gateway.timeoutMs,
      longestPauseMs: config.gateway.backoffMaxMs + config.gateway.backoffJitterMs,
      book: createAxiosGatewayBook(book),
    };
  });
  registerRunGauges(registry, {
    workers: new Map(lanes.map(({ name, worker }) => [name, worker])),
    concurrency: shared.concurrency,
  });
  const each = (act: (lane: (typeof lanes)[number]) => void) => () => lanes.forEach(act);
  const count = (which: 'waiting' | 'calling' | 'held') =>
    lanes.reduce((sum, { worker }) => sum + worker.counts()[which], 0);

  return {
    lanes,
    start: each(({ worker }) => worker.start()),
    wake: each(({ worker }) => worker.wake()),
    wakeForRescued: each(({ worker }) => worker.wakeForRescued()),
    counts: () => ({ waiting: count('waiting'), calling: count('calling'), held: count('held') }),
    /** What this worker knows about the gateways: about the one without a name, and about the others by name. */
    describe() {
      const [first, ...further] = lanes.map(({ name, steering }) => [name, steering.describe()] as const);
      return {
        gateway: first?.[1],
        ...(further.length > 0 ? { further_gateways: Object.fromEntries(further) } : {}),
      };
    },
    async stop(deadlineMs: number): Promise<void> {
      await Promise.all(lanes.map(({ worker }) => worker.stop(deadlineMs)));
    },
    stopReading: each(({ book }) => book.close()),
    close: each(({ steering, gateway }) => {
      steering.stop();
      gateway.close();
    }),
  };
}
