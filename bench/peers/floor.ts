import { createPool, type Pool } from '../../src/database/database.ts';
import { findSystemAccounts } from '../../src/ledger/system-accounts.ts';
import { parseConfig } from '../../src/process/settings/config.ts';
import { createDrainMeter, type DrainOrder } from '../drain/drain-meter.ts';
import { announceStart, type Order, serveOrders } from '../harness/serve-orders.ts';
import { type PreparedPayment, preparePayments } from './floor-payments.ts';
import { claimAndSettle } from './floor-statements.ts';

/**
 * The floor: our own SQL with no application around it. Two loops claim and settle; what the worker would find out or work
 * out (payments, postings, reports) was prepared before the clock started. No gateway, no leases in memory, no decisions, no
 * logging, no metrics.
 */
const LOOP_COUNT = 2;

interface FloorSettings {
  readonly databaseUrl: string;
  readonly batchSize: number;
}

interface PrepareOrder extends Order, FloorSettings {
  readonly kind: 'prepare';
}

let pool: Pool | undefined;
let batchSize = 0;
let payments: Map<bigint, PreparedPayment> = new Map();

serveOrders<PrepareOrder | DrainOrder>(async (order) => {
  if (order.kind === 'prepare') {
    pool ??= createPool(order.databaseUrl, parseConfig({}), 'bench-floor', () => {});
    batchSize = order.batchSize;
    payments = await preparePayments(pool, await findSystemAccounts(pool, 'USD'));
    return undefined;
  }
  return await drain(order, pool as Pool);
});
announceStart();

async function drain(order: DrainOrder, on: Pool) {
  const meter = createDrainMeter(order);
  let isOver = false;
  void meter.closed.then(() => {
    isOver = true;
  });
  const loop = async () => {
    while (!isOver) {
      const count = await claimAndSettle(on, { batchSize, payments });
      if (count === 0) return;
      meter.count(count);
    }
  };
  await Promise.all(Array.from({ length: LOOP_COUNT }, loop));
  return meter.report();
}
