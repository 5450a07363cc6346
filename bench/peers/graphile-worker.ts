import { Logger, run } from 'graphile-worker';
import type { PaymentJob } from '../data/fill-payments.sql.ts';
import { createDrainMeter, type DrainOrder } from '../drain/drain-meter.ts';
import { announceStart, type Order, serveOrders } from '../harness/serve-orders.ts';
import { GRAPHILE_TASK, POOL_SIZE, SPEED_SETTINGS } from './graphile-settings.ts';
import { openPeerPool } from './peer-pool.sql.ts';
import { openAttempt, selectPeerAccounts, settleOnePayment } from './settle-one-payment.sql.ts';

/** graphile-worker as its documentation sets it up for speed, with one job for each payment. */
interface ConnectOrder extends Order {
  readonly kind: 'connect';
  readonly databaseUrl: string;
}

let pool: ReturnType<typeof openPeerPool> | undefined;

serveOrders<ConnectOrder | DrainOrder>(async (order) => {
  if (order.kind === 'connect') {
    pool = openPeerPool(order.databaseUrl, POOL_SIZE);
    return undefined;
  }
  if (!pool) throw new Error('not connected');
  const connected = pool;
  const accounts = await selectPeerAccounts(connected);
  const meter = createDrainMeter(order);
  const runner = await run({
    pgPool: connected,
    noHandleSignals: true,
    preset: { worker: { ...SPEED_SETTINGS, logger: new Logger(() => () => {}) } },
    taskList: {
      [GRAPHILE_TASK]: async (payload) => {
        const job = payload as PaymentJob;
        await openAttempt(connected, job);
        await settleOnePayment(connected, job, accounts);
        meter.count(1);
      },
    },
  });
  await meter.closed;
  await runner.stop();
  return meter.report();
});
announceStart();
