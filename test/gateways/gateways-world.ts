import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { signatureOf } from '../builders/callbacks.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createGatewaysFile } from '../support/gateways-file.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

type Mock = Awaited<ReturnType<typeof startWellBehavedMock>>;

export const SECRETS = { default: 'the secret of the default one', bank: 'the secret of the bank' };

async function startWellBehavedMock() {
  const config = testConfig({
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_ERROR_RATE: '0',
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
  });
  const mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
  const address = `http://127.0.0.1:${mock.port}/mock-gateway`;
  // biome-ignore lint/suspicious/noExplicitAny: the mock's own answers
  const entriesOf = async (path: string): Promise<any[]> => {
    const { entries } = JSON.parse(await (await fetch(`${address}${path}?limit=10000`)).text());
    return entries;
  };
  return {
    address,
    stop: () => mock.stop(),
    async behave(change: object): Promise<void> {
      const { status } = await fetch(`${address}/behaviour`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(change),
      });
      if (status !== 200) throw new Error(`the mock refuses ${JSON.stringify(change)}`);
    },
    /** Our references of what it has carried out. */
    async carriedOut(): Promise<string[]> {
      return (await entriesOf('/book')).map(({ reference }) => reference);
    },
    /** Our references of every call that it got. */
    async called(): Promise<string[]> {
      return (await entriesOf('/journal')).map(({ reference }) => reference);
    },
  };
}

/** An API, a worker, and two gateways over HTTP: `bank` for euros, and the one without a name for everything else. */
export async function createGatewaysWorld() {
  const database = await createTestDatabase();
  const mocks: { default: Mock; bank: Mock } = {
    default: await startWellBehavedMock(),
    bank: await startWellBehavedMock(),
  };
  const bank = (changes: object = {}) => ({
    currencies: ['EUR'],
    PAYMENT_GATEWAY_URL: mocks.bank.address,
    GATEWAY_CALLBACK_SECRET: SECRETS.bank,
    ...changes,
  });
  const file = createGatewaysFile({ bank: bank() });
  const settings = {
    DATABASE_URL: database.databaseUrl,
    GATEWAYS_FILE: file.file,
    PAYMENT_GATEWAY_URL: mocks.default.address,
    GATEWAY_CALLBACK_SECRET: SECRETS.default,
    GATEWAY_TIMEOUT_SECONDS: '5',
    GATEWAY_BACKOFF_BASE_SECONDS: '0.05',
    GATEWAY_BACKOFF_MAX_SECONDS: '0.1',
    GATEWAY_BACKOFF_JITTER_SECONDS: '0',
    GATEWAY_BREAKER_MIN_CALLS: '3',
    GATEWAY_BREAKER_PROBE_SECONDS: '0.1',
    GATEWAY_BREAKER_PROBE_MAX_SECONDS: '0.1',
    WORKER_POLL_INTERVAL_SECONDS: '0.05',
    WORKER_SAMPLE_INTERVAL_SECONDS: '0.1',
    RECONCILIATION_GRACE_SECONDS: '0',
  };
  const workerConfig = testConfig(settings);
  let api: TestApi = await startTestApi(database.databaseUrl, settings);
  let worker = await startWorker(workerConfig, createLogger(workerConfig, 'worker'));

  return {
    database,
    mocks,
    bank,
    config: workerConfig,
    get api() {
      return api;
    },

    /** Starts the processes again, with another description of the gateways. */
    async describe(gateways: object): Promise<void> {
      file.write(gateways);
      await worker.stop();
      await api.stop();
      api = await startTestApi(database.databaseUrl, settings);
      worker = await startWorker(workerConfig, createLogger(workerConfig, 'worker'));
    },

    /** A user with a wallet of 1000 dollars and an empty one in euros. */
    async user(): Promise<number> {
      const userId = await api.user(1000);
      const { status } = await api.post(`/api/v1/users/${userId}/wallets`, { currency: 'EUR' });
      if (status !== 201) throw new Error(`no wallet: ${status}`);
      return userId;
    },

    async deposit(userId: number, currency: string, deposit = 10): Promise<number> {
      const answer = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit, currency });
      if (answer.status !== 202) throw new Error(answer.text);
      return answer.json.payment_id;
    },

    // biome-ignore lint/suspicious/noExplicitAny: an answer of the API
    async payment(paymentId: number): Promise<any> {
      return (await api.get(`/api/v1/payments/${paymentId}`)).json;
    },

    async settled(paymentId: number): Promise<void> {
      await waitUntil(
        `payment ${paymentId} is settled`,
        async () => (await this.payment(paymentId)).status === 'success',
      );
    },

    async referenceOf(paymentId: number): Promise<string> {
      const { rows } = await database.pool.query('select reference from payments where id = $1', [paymentId]);
      return rows[0].reference;
    },

    async metrics(): Promise<string> {
      return await (await fetch(`http://127.0.0.1:${worker.metricsPort}/metrics`)).text();
    },

    // biome-ignore lint/suspicious/noExplicitAny: an answer of the worker
    async health(): Promise<any> {
      return await (await fetch(`http://127.0.0.1:${worker.metricsPort}/health`)).json();
    },

    /** A callback of ten units about a payment, signed by one of the gateways. */
    async callback(signer: keyof typeof SECRETS, paymentId: number, changes: object = {}): Promise<number> {
      const body = JSON.stringify({
        event_id: `evt-${paymentId}`,
        reference: await this.referenceOf(paymentId),
        status: 'succeeded',
        amount: '10',
        currency: 'EUR',
        ...changes,
      });
      const signed = signatureOf(body, { secret: SECRETS[signer] });
      return (await api.post('/api/v1/gateway/callbacks', body, signed)).status;
    },

    async stop(): Promise<void> {
      await worker.stop();
      await api.stop();
      await Promise.all([mocks.default.stop(), mocks.bank.stop()]);
      file.remove();
      await database.close();
    },
  };
}
