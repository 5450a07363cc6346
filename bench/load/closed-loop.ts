import { type LatencySummary, summariseLatencies } from '../report/statistics.ts';
import type { LoadTally } from './load-tally.ts';
import { openPaymentConnection } from './payment-connection.ts';
import { createRequestSource, type PaymentMix, type PaymentType } from './payment-requests.ts';

/** Every connection sends its next request when it has the answer to the one before. */
export interface ClosedLoopOrder extends PaymentMix {
  readonly kind: 'closed-loop';
  readonly connectionCount: number;
  /** Not counted. */
  readonly warmupMs: number;
  readonly windowMs: number;
}

export interface ClosedLoopReport {
  /** Payments that were accepted, the warm-up included. */
  readonly acceptedCount: number;
  readonly perSecond: number;
  readonly latency: LatencySummary;
  readonly latencyByType: Readonly<Record<PaymentType, LatencySummary>>;
}

/**
 * Sends payments for the time of the order and times each from its first byte sent to its last byte received.
 * @throws when a payment is not accepted.
 */
export async function runClosedLoop(order: ClosedLoopOrder, tally: LoadTally): Promise<ClosedLoopReport> {
  const next = createRequestSource(order);
  const connections = await Promise.all(
    Array.from({ length: order.connectionCount }, () => openPaymentConnection(order.port, tally)),
  );
  const startedAt = performance.now();
  const windowStart = startedAt + order.warmupMs;
  const windowEnd = windowStart + order.windowMs;
  const latencies: Record<PaymentType, number[]> = { deposit: [], withdraw: [] };
  let acceptedCount = 0;

  await Promise.all(
    connections.map(async (connection) => {
      for (;;) {
        const sentAt = performance.now();
        if (sentAt >= windowEnd) break;
        const { type, text } = next();
        await connection.send(text);
        acceptedCount += 1;
        const answeredAt = performance.now();
        if (answeredAt >= windowStart && answeredAt < windowEnd) latencies[type].push(answeredAt - sentAt);
      }
      connection.close();
    }),
  );
  const all = [...latencies.deposit, ...latencies.withdraw];
  return {
    acceptedCount,
    perSecond: all.length / (order.windowMs / 1000),
    latency: summariseLatencies(all),
    latencyByType: {
      deposit: summariseLatencies(latencies.deposit),
      withdraw: summariseLatencies(latencies.withdraw),
    },
  };
}
