import { randomUUID } from 'node:crypto';
import { type LatencySummary, summariseLatencies } from '../report/statistics.ts';
import type { HttpAnswer } from './http-socket.ts';
import type { LoadTally } from './load-tally.ts';
import { openPaymentConnection } from './payment-connection.ts';
import { headOf, requestText } from './payment-requests.ts';

/** What is asked for, over and over: a deposit; a hold and the capture of all of it; or the conversion that a quote offers. */
export type LoopedCommand = 'deposit' | 'hold' | 'convert';

/** Every connection sends its next request when it has the answer to the one before. */
export interface CommandLoopOrder {
  readonly kind: 'command-loop';
  readonly command: LoopedCommand;
  readonly port: number;
  /** Users with the ids from 1; each request takes one at random. */
  readonly userCount: number;
  readonly connectionCount: number;
  /** Not counted. */
  readonly warmupMs: number;
  readonly windowMs: number;
  /** Quotes that can be taken: those with the numbers from `first` to below `end`. */
  readonly quotes?: { readonly first: number; readonly end: number };
}

export interface CommandLoopReport {
  /** Requests that were accepted, the warm-up included. */
  readonly acceptedCount: number;
  /** Requests accepted in a second; a hold and its capture are two. */
  readonly perSecond: number;
  readonly latency: LatencySummary;
}

interface TimedRequest {
  readonly text: string;
  readonly status: number;
}

/** The token of a quote by its number, so that the load knows the tokens of quotes that it has not asked for. */
export function tokenOf(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/**
 * Sends requests for the time of the order and times each from its first byte sent to its last byte received.
 * @throws when one is not accepted, or there are no quotes left.
 */
export async function runCommandLoop(order: CommandLoopOrder, tally: LoadTally): Promise<CommandLoopReport> {
  const next = createCycles(order);
  let acceptedCount = 0;
  const connections = await Promise.all(
    Array.from({ length: order.connectionCount }, () =>
      openPaymentConnection(order.port, tally, { isAccepted: ({ status }: HttpAnswer) => status < 300 }),
    ),
  );
  const windowStart = performance.now() + order.warmupMs;
  const windowEnd = windowStart + order.windowMs;
  const latencies: number[] = [];

  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < windowEnd) {
        for (const { text, status } of next()) {
          const sentAt = performance.now();
          const answer = await connection.send(text);
          if (answer.status !== status) throw new Error(`HTTP ${answer.status}: ${answer.body}`);
          acceptedCount += 1;
          const answeredAt = performance.now();
          if (answeredAt >= windowStart && answeredAt < windowEnd) latencies.push(answeredAt - sentAt);
        }
      }
      connection.close();
    }),
  );
  return {
    acceptedCount,
    perSecond: latencies.length / (order.windowMs / 1000),
    latency: summariseLatencies(latencies),
  };
}

/** Gives the requests of one cycle after the other. */
function createCycles({ command, port, userCount, quotes }: CommandLoopOrder): () => readonly TimedRequest[] {
  const someUser = () => 1 + Math.floor(Math.random() * userCount);
  let count = 0;
  const someAmount = () => (1 + (count % 500)) / 100;
  switch (command) {
    case 'deposit': {
      const head = headOf('/api/v1/payments/deposit', port);
      return () => {
        count += 1;
        const body = `{"user_id":${someUser()},"deposit":${someAmount()}}`;
        return [{ text: requestText(head, body), status: 202 }];
      };
    }
    case 'hold':
      return () => {
        count += 1;
        const path = `/api/v1/accounts/${someUser()}`;
        const order = `"order_id":"${randomUUID()}"`;
        return [
          {
            text: requestText(headOf(`${path}/hold`, port), `{${order},"amount":${someAmount()}}`),
            status: 201,
          },
          { text: requestText(headOf(`${path}/capture`, port), `{${order},"to":"sales"}`), status: 200 },
        ];
      };
    case 'convert': {
      const head = headOf('/api/v1/currency/convert/execute', port);
      const { first, end } = quotes ?? { first: 0, end: 0 };
      return () => {
        const number = first + count;
        if (number >= end) throw new Error(`all ${end - first} quotes were taken before the time was over`);
        count += 1;
        return [{ text: requestText(head, `{"quote_id":"${tokenOf(number)}"}`), status: 201 }];
      };
    }
  }
}
