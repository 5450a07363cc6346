import { announceStart, serveOrders, tellBench } from '../harness/serve-orders.ts';
import { type ClosedLoopOrder, runClosedLoop } from './closed-loop.ts';
import { type CommandLoopOrder, runCommandLoop } from './command-loop.ts';
import { createLoadTally, describeTally, type LoadTally } from './load-tally.ts';
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

serveOrders<
  | ClosedLoopOrder
  | CommandLoopOrder
  | OneByOneOrder
  | OpenLoopOrder
  | SteadyLoadOrder
  | ProgressMessage
  | EndMessage
>((order) => {
  switch (order.kind) {
    case 'closed-loop':
      return tellingTally((tally) => runClosedLoop(order, tally));
    case 'command-loop':
      return tellingTally((tally) => runCommandLoop(order, tally));
    case 'one-by-one':
      return tellingTally((tally) => runOneByOne(order, tally));
    case 'open-loop':
      return tellingTally((tally) => runOpenLoop(order, tally));
    case 'steady':
      return tellingTally((tally) => {
        steady = startSteadyLoad(order, tally);
        return steady.finished;
      });
    case 'progress':
      steady?.noteProgress(order.doneCount);
      return undefined;
    case 'end':
      steady?.end();
      return undefined;
  }
});
announceStart();

/** Reports what happened besides payments, so that readers of the figures know. */
async function tellingTally<Report>(run: (tally: LoadTally) => Promise<Report>): Promise<Report> {
  const tally = createLoadTally();
  try {
    return await run(tally);
  } finally {
    const sentence = describeTally(tally);
    if (sentence !== undefined) tellBench(sentence);
  }
}
