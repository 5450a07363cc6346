import { announceStart, serveOrders } from '../harness/serve-orders.ts';
import { type ClosedLoopOrder, runClosedLoop } from './closed-loop.ts';

/** The process that sends the load, so that it never shares a thread with what it measures. */
serveOrders<ClosedLoopOrder>((order) => runClosedLoop(order));
announceStart();
