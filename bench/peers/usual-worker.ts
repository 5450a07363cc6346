import axios from 'axios';
import { Logger, run } from 'graphile-worker';
import { announceStart, type Order, serveOrders } from '../harness/serve-orders.ts';
import { GRAPHILE_TASK, SPEED_SETTINGS } from './graphile-settings.ts';
import { openUsualKnex } from './usual-knex.sql.ts';
import { openUsualAttempt, settleTheUsualWay, type UsualJob } from './usual-settle.sql.ts';

/**
 * The usual way to carry out accepted payments: a graphile-worker job for each, which calls the gateway with axios as it comes
 * and settles in a knex transaction of its own.
 */
interface WorkOrder extends Order {
  readonly kind: 'work';
  readonly databaseUrl: string;
  readonly gatewayUrl: string;
}

serveOrders<WorkOrder>(async ({ databaseUrl, gatewayUrl }) => {
  const knex = openUsualKnex(databaseUrl);
  await run({
    connectionString: databaseUrl,
    noHandleSignals: true,
    preset: { worker: { ...SPEED_SETTINGS, logger: new Logger(() => () => {}) } },
    taskList: {
      [GRAPHILE_TASK]: async (payload) => {
        const job = payload as UsualJob;
        await openUsualAttempt(knex, job);
        const { data } = await axios.post(`${gatewayUrl}/pay`, toInstruction(job), {
          headers: { 'Idempotency-Key': job.reference },
        });
        await settleTheUsualWay(knex, job, data.gateway_reference);
      },
    },
  });
  return undefined;
});
announceStart();

function toInstruction({ payment_id, user_id, amount, fee, type }: UsualJob) {
  return {
    payment_id: Number(payment_id),
    user_id: Number(user_id),
    amount: amount / 100,
    commission: fee / 100,
    type,
    currency: 'USD',
  };
}
