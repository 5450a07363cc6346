import { PgBoss } from 'pg-boss';
import type { PaymentJob } from '../data/fill-payments.sql.ts';
import { createDrainMeter, type DrainOrder } from '../drain/drain-meter.ts';
import { announceStart, type Order, serveOrders } from '../harness/serve-orders.ts';
import { openPeerPool } from './peer-pool.sql.ts';
import { BOSS_POOL_SIZE, BOSS_QUEUE, SPEED_SETTINGS, TASK_POOL_SIZE } from './pg-boss-settings.ts';
import { openAttempt, selectPeerAccounts, settleOnePayment } from './settle-one-payment.sql.ts';

/** pg-boss as its documentation sets it up for throughput, with one job for each payment. */
interface ConnectOrder extends Order {
  readonly kind: 'connect';
  readonly databaseUrl: string;
}

let pool: ReturnType<typeof openPeerPool> | undefined;
let databaseUrl = '';

serveOrders<ConnectOrder | DrainOrder>(async (order) => {
  if (order.kind === 'connect') {
    ({ databaseUrl } = order);
    pool = openPeerPool(databaseUrl, TASK_POOL_SIZE);
    return undefined;
  }
  if (!pool) throw new Error('not connected');
  const connected = pool;
  const accounts = await selectPeerAccounts(connected);
  const boss = new PgBoss({ connectionString: databaseUrl, max: BOSS_POOL_SIZE, schedule: false });
  let failure: Error | undefined;
  boss.on('error', (error) => {
    failure = error;
  });
  await boss.start();
  const meter = createDrainMeter(order);
  await boss.work<PaymentJob>(BOSS_QUEUE, SPEED_SETTINGS, async (jobs) => {
    // The jobs of a batch at once, as the documentation's handlers do; the batch is completed in one statement.
    await Promise.all(
      jobs.map(async ({ data: job }) => {
        await openAttempt(connected, job);
        await settleOnePayment(connected, job, accounts);
        meter.count(1);
      }),
    );
  });
  await meter.closed;
  await boss.stop({ graceful: true, timeout: 30_000 });
  if (failure) throw failure;
  return meter.report();
});
announceStart();
