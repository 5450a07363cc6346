import { announceStart, serveOrders } from '../harness/serve-orders.ts';
import { createDrainMeter, type DrainOrder } from './drain-meter.ts';
import { prepareOurWorker } from './our-worker.ts';

const STOP_DEADLINE_MS = 10_000;

/** Our side of the drain: the real worker, except for its gateway. */
const { createWorker } = prepareOurWorker();

serveOrders<DrainOrder>(async (order) => {
  const meter = createDrainMeter(order);
  const worker = createWorker({
    settled(_run, result) {
      if (result !== 'succeeded') throw new Error(`a payment ended as ${result}`);
      meter.count(1);
    },
  });
  worker.start();
  await meter.closed;
  await worker.stop(STOP_DEADLINE_MS);
  return meter.report();
});
announceStart();
