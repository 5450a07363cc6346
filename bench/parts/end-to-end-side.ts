import { TEMPLATE, USER_COUNT } from '../data/template.ts';
import type { Child } from '../harness/children.ts';
import type { PartContext } from './part.ts';

/** API, worker and gateway of one side, with a database and a book of their own. */
export interface EndToEndSide {
  readonly name: 'ours' | 'usual';
  readonly databaseUrl: string;
  readonly api: Child;
  readonly worker: Child;
  readonly gatewayUrl: string;
  /** For orders to the load. */
  readonly mix: { readonly port: number; readonly userCount: number };
}

/** A gateway without delays and faults: what is measured is the way to it and back. */
const HONEST_GATEWAY = {
  GATEWAY_MOCK_PORT: '0',
  GATEWAY_MOCK_SEED: 'bench',
  GATEWAY_MOCK_TIMEOUT_RATE: '0',
  GATEWAY_MOCK_ERROR_RATE: '0',
  GATEWAY_MOCK_REFUSAL_RATE: '0',
  GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
  GATEWAY_MOCK_LATENCY_P99_SECONDS: '0',
};

/**
 * A machine that stalls for a second must not turn an honest gateway into one whose outcomes are unknown, about which the worker
 * would ask for minutes. The usual worker waits for ever.
 */
const PATIENT_WORKER = { GATEWAY_TIMEOUT_SECONDS: '20' };

/** Starts our API, worker and gateway mock as production starts them, but for their ports and the worker's patience. */
export async function startOurSide(
  { server, children }: PartContext,
  database: string,
): Promise<EndToEndSide> {
  const databaseUrl = await server.createDatabase(database, { from: TEMPLATE });
  const mock = await children.start({
    name: 'mock',
    script: 'src/gateway-mock/main.ts',
    env: HONEST_GATEWAY,
  });
  const gatewayUrl = `http://127.0.0.1:${mock.port}/mock-gateway`;
  const env = { DATABASE_URL: databaseUrl, PAYMENT_GATEWAY_URL: gatewayUrl };
  const api = await children.start({
    name: 'api',
    script: 'src/api/main.ts',
    env: { ...env, API_PORT: '0' },
  });
  const worker = await children.start({
    name: 'worker',
    script: 'src/worker/main.ts',
    env: { ...env, ...PATIENT_WORKER, WORKER_METRICS_PORT: '0' },
  });
  const mix = { port: api.port, userCount: USER_COUNT };
  return { name: 'ours', databaseUrl, api, worker, gatewayUrl, mix };
}

/** Starts the usual way: Express and knex, graphile-worker, axios; the gateway is the same. */
export async function startUsualSide(
  { server, children }: PartContext,
  database: string,
): Promise<EndToEndSide> {
  const databaseUrl = await server.createDatabase(database, { from: TEMPLATE });
  const mock = await children.start({
    name: 'mock',
    script: 'src/gateway-mock/main.ts',
    env: HONEST_GATEWAY,
  });
  const gatewayUrl = `http://127.0.0.1:${mock.port}/mock-gateway`;
  const api = await children.start({ name: 'usual-api', script: 'bench/peers/usual-api.ts' });
  await api.ask({ kind: 'connect', databaseUrl, queue: 'graphile-worker' });
  const worker = await children.start({ name: 'usual-worker', script: 'bench/peers/usual-worker.ts' });
  await worker.ask({ kind: 'work', databaseUrl, gatewayUrl });
  const mix = { port: api.port, userCount: USER_COUNT };
  return { name: 'usual', databaseUrl, api, worker, gatewayUrl, mix };
}
