import type { LoadTally } from './load-tally.ts';
import { openPaymentConnection } from './payment-connection.ts';
import { createRequestSource, type PaymentMix } from './payment-requests.ts';

/** Like a closed loop, but it runs until it is told to end, and never more than `maxAhead` payments ahead of those that are done. */
export interface SteadyLoadOrder extends PaymentMix {
  readonly kind: 'steady';
  readonly connectionCount: number;
  /**
   * Clients that ran ahead of the worker would only grow the queue, and take the cores from it; with a bound, accepting and
   * settling go at the same pace, the one that can be sustained.
   */
  readonly maxAhead: number;
}

/** Tells a steady load how many of its payments are done. */
export interface ProgressMessage {
  readonly kind: 'progress';
  readonly doneCount: number;
}

export interface EndMessage {
  readonly kind: 'end';
}

export interface SteadyLoadReport {
  readonly acceptedCount: number;
}

/** Sends payments until it is told to end. @throws when a payment is not accepted. */
export function startSteadyLoad(order: SteadyLoadOrder, tally: LoadTally) {
  let sentCount = 0;
  let acceptedCount = 0;
  let doneCount = 0;
  let isOver = false;
  let parked: (() => void)[] = [];

  function release(): void {
    const woken = parked;
    parked = [];
    for (const wake of woken) wake();
  }

  async function run(): Promise<SteadyLoadReport> {
    const next = createRequestSource(order);
    await Promise.all(
      Array.from({ length: order.connectionCount }, async () => {
        const connection = await openPaymentConnection(order.port, tally);
        while (!isOver) {
          if (sentCount - doneCount >= order.maxAhead) {
            await new Promise<void>((resolve) => {
              parked.push(resolve);
            });
            continue;
          }
          sentCount += 1;
          await connection.send(next().text);
          acceptedCount += 1;
        }
        connection.close();
      }),
    );
    return { acceptedCount };
  }

  return {
    finished: run(),
    noteProgress(count: number): void {
      doneCount = count;
      release();
    },
    end(): void {
      isOver = true;
      release();
    },
  };
}
