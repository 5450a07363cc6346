import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadTally } from './load-tally.ts';
import type { SettleLatencyReport } from './one-by-one.ts';
import { openPaymentConnection, type PaymentConnection } from './payment-connection.ts';
import { createRequestSource, type PaymentMix } from './payment-requests.ts';
import { openSettledWatch } from './settled-watch.sql.ts';

/** Payments that arrive at random at a given rate, whether or not those before them have been answered. */
export interface OpenLoopOrder extends PaymentMix {
  readonly kind: 'open-loop';
  readonly databaseUrl: string;
  readonly perSecond: number;
  /** Not counted. */
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** How many payments a second are watched until they are settled; few, so that watching costs little. */
const WATCHED_PER_SECOND = 50;
const LOOK_EVERY_MS = 2;
const SETTLE_DEADLINE_MS = 120_000;
const MAX_CONNECTIONS = 64;

/**
 * Times are counted from the moment at which a payment was to be sent: a system that stalls is charged for the payments that
 * had to wait, too.
 * @throws when a payment is not accepted, or not settled in time.
 */
export async function runOpenLoop(order: OpenLoopOrder, tally: LoadTally): Promise<SettleLatencyReport> {
  const next = createRequestSource(order);
  const watch = await openSettledWatch(order.databaseUrl);
  const connections = await Promise.all(
    Array.from({ length: MAX_CONNECTIONS }, () => openPaymentConnection(order.port, tally)),
  );
  const idle: PaymentConnection[] = [...connections];
  const queued: number[] = [];
  const watched = new Map<number, number>();
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const windowStart = startedAt + order.warmupMs;
  const windowEnd = windowStart + order.windowMs;
  const watchedShare = Math.min(1, WATCHED_PER_SECOND / order.perSecond);
  let acceptedCount = 0;
  let failure: unknown;

  async function send(connection: PaymentConnection, dueAt: number): Promise<void> {
    try {
      const answer = await connection.send(next().text);
      acceptedCount += 1;
      if (dueAt >= windowStart && Math.random() < watchedShare)
        watched.set(JSON.parse(answer.body).payment_id, dueAt);
      const waiting = queued.shift();
      if (waiting === undefined) idle.push(connection);
      else void send(connection, waiting);
    } catch (error) {
      failure ??= error;
    }
  }

  async function sendAll(): Promise<void> {
    for (let dueAt = startedAt; dueAt < windowEnd; dueAt += drawPauseMs(order.perSecond)) {
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      if (failure) return;
      const connection = idle.pop();
      if (connection) void send(connection, dueAt);
      else queued.push(dueAt);
    }
  }

  async function watchAll(isSending: () => boolean): Promise<void> {
    const deadline = windowEnd + SETTLE_DEADLINE_MS;
    while (!failure && (isSending() || idle.length < MAX_CONNECTIONS || watched.size > 0)) {
      if (performance.now() > deadline) throw new Error(`${watched.size} payments are not settled`);
      for (const paymentId of watched.size > 0 ? await watch.settledOf([...watched.keys()]) : []) {
        latenciesMs.push(performance.now() - (watched.get(paymentId) as number));
        watched.delete(paymentId);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  let isSending = true;
  await Promise.all([
    sendAll().finally(() => {
      isSending = false;
    }),
    watchAll(() => isSending),
  ]);
  for (const connection of connections) connection.close();
  await watch.close();
  if (failure) throw failure;
  return { acceptedCount, latenciesMs };
}

/** The pause before the next arrival of a Poisson process. */
function drawPauseMs(perSecond: number): number {
  return (-Math.log(1 - Math.random()) * 1000) / perSecond;
}
