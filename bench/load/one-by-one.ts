import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadTally } from './load-tally.ts';
import { openPaymentConnection } from './payment-connection.ts';
import { createRequestSource, type PaymentMix } from './payment-requests.ts';
import { openSettledWatch } from './settled-watch.sql.ts';

/** One payment after the other, each sent when the one before is settled: what a lone client waits for. */
export interface OneByOneOrder extends PaymentMix {
  readonly kind: 'one-by-one';
  readonly databaseUrl: string;
  readonly windowMs: number;
}

export interface SettleLatencyReport {
  readonly acceptedCount: number;
  /** From the first byte of the request to the moment another connection sees the payment as settled. */
  readonly latenciesMs: readonly number[];
}

const LOOK_EVERY_MS = 1;
/** Random, so that the measurement is not in step with any interval of what it measures. */
const PAUSE_MS = { least: 10, spread: 20 };
const SETTLE_DEADLINE_MS = 60_000;

/** @throws when a payment is not accepted, or not settled in time. */
export async function runOneByOne(order: OneByOneOrder, tally: LoadTally): Promise<SettleLatencyReport> {
  const next = createRequestSource(order);
  const connection = await openPaymentConnection(order.port, tally);
  const watch = await openSettledWatch(order.databaseUrl);
  const latenciesMs: number[] = [];
  const endAt = performance.now() + order.windowMs;
  while (performance.now() < endAt) {
    const sentAt = performance.now();
    const answer = await connection.send(next().text);
    const paymentId: number = JSON.parse(answer.body).payment_id;
    while (!(await watch.settledOf([paymentId])).includes(paymentId)) {
      if (performance.now() - sentAt > SETTLE_DEADLINE_MS)
        throw new Error(`payment ${paymentId} is not settled`);
      await sleep(LOOK_EVERY_MS);
    }
    latenciesMs.push(performance.now() - sentAt);
    await sleep(PAUSE_MS.least + Math.random() * PAUSE_MS.spread);
  }
  connection.close();
  await watch.close();
  return { acceptedCount: latenciesMs.length, latenciesMs };
}
