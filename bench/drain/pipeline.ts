import { connectionOptions } from '../../src/database/sessions/connection-options.ts';
import { requireDatabaseUrl } from '../../src/process/settings/config.ts';
import { listenForTasks } from '../../src/worker/wake-up-listener.ts';
import { announceStart, serveOrders } from '../harness/serve-orders.ts';
import { prepareOurWorker } from './our-worker.ts';

/** What a worker beside a running API is asked: how many payments it has settled, and how long its claims took since it last forgot them. */
export interface PipelineOrder {
  readonly kind: 'count' | 'forget-claims' | 'claims';
}

export interface PipelineCount {
  readonly settledCount: number;
}

/** One claim that found something. */
export interface ClaimSample {
  /** Since claims were last forgotten. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly count: number;
}

/** Our worker beside a running API: woken as in production, with a gateway that answers at once. */
const { config, log, createWorker } = prepareOurWorker();
let settledCount = 0;
let claims: ClaimSample[] = [];
let claimsSince = performance.now();

const worker = createWorker({
  claimed: ({ count, durationMs }) =>
    claims.push({ atMs: performance.now() - claimsSince, durationMs, count }),
  settled: (_run, result) => {
    if (result !== 'succeeded') throw new Error(`a payment ended as ${result}`);
    settledCount += 1;
  },
});
const databaseUrl = requireDatabaseUrl(config);
const { types: _types, ...connection } = connectionOptions(databaseUrl, config, 'bench-listen');
listenForTasks({ databaseUrl, connection, log, onWakeUp: worker.wake });
worker.start();

serveOrders<PipelineOrder>(async ({ kind }) => {
  if (kind === 'claims') return { claims };
  if (kind === 'forget-claims') {
    claims = [];
    claimsSince = performance.now();
  }
  return { settledCount } satisfies PipelineCount;
});
announceStart();
