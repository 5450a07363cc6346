import { announceStart, serveOrders } from '../harness/serve-orders.ts';
import { type ClosedLoopOrder, runClosedLoop } from './closed-loop.ts';
import { type OneByOneOrder, runOneByOne } from './one-by-one.ts';
import { type OpenLoopOrder, runOpenLoop } from './open-loop.ts';
import {
  type EndMessage,
  type ProgressMessage,
  type SteadyLoadOrder,
  startSteadyLoad,
} from './steady-load.ts';

/** The process that sends the load, so that it never shares a thread with what it measures. */
let steady: ReturnType<typeof startSteadyLoad> | undefined;

serveOrders<ClosedLoopOrder | OneByOneOrder | OpenLoopOrder | SteadyLoadOrder | ProgressMessage | EndMessage>(
  (order) => {
    switch (order.kind) {
      case 'closed-loop':
        return runClosedLoop(order);
      case 'one-by-one':
        return runOneByOne(order);
      case 'open-loop':
        return runOpenLoop(order);
      case 'steady':
        steady = startSteadyLoad(order);
        return steady.finished;
      case 'progress':
        steady?.noteProgress(order.doneCount);
        return undefined;
      case 'end':
        steady?.end();
        return undefined;
    }
  },
);
announceStart();
