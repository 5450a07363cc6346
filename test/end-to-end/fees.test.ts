import { createAxiosGateway } from '../../src/gateway/http/axios-gateway.ts';
import { createAxiosGatewayBook } from '../../src/gateway/http/axios-gateway-book.ts';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { readSystemBalance } from '../../src/ledger/read-balance.sql.ts';
import { runReconciliation } from '../../src/reconciliation/run-reconciliation.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const SECRET = 'a secret of the test';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { GATEWAY_CALLBACK_SECRET: SECRET });
});
afterEach(async () => {
  await api.stop();
  await database.close();
});

interface Terms {
  readonly percent: number;
  readonly fixed: number;
  readonly payer: 'sender' | 'recipient';
}

const setFee = async (kind: string, currency: string, terms: Terms) => {
  const { status } = await api.post('/api/v1/currency/fees', { kind, currency, ...terms, reason: 'a test' });
  expect(status).toBe(201);
};
/** Written down once more, so that the product does not judge itself. */
const feeOn = (cents: number, { percent, fixed }: Terms) =>
  Math.floor((cents * percent + 50) / 100) + Math.round(fixed * 100);
const balanceOf = async (userId: number, currency: string) =>
  Number((await api.get(`/api/v1/users/${userId}/wallets/${currency}`)).json.balance_minor);

async function userIn(currency: string): Promise<number> {
  return (await api.post('/api/v1/users', { balance: 1000, currency })).json.id;
}

async function allEnded(): Promise<void> {
  await waitUntil(
    'payments that have ended',
    async () => (await world.count('payment_tasks')) + (await world.count('payment_inquiries')) === 0,
    { deadlineMs: 60_000 },
  );
}

/** A stand-in gateway with faults and callbacks, and a worker that uses it. */
async function startGatewayAndWorker() {
  const config = testConfig({
    GATEWAY_MOCK_SEED: 'fees',
    GATEWAY_MOCK_ERROR_RATE: '0.3',
    GATEWAY_MOCK_EXECUTED_FAULT_RATE: '0.6',
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
    GATEWAY_MOCK_CALLBACK_URL: `${api.origin}/api/v1/gateway/callbacks`,
    GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '0.01',
    GATEWAY_CALLBACK_SECRET: SECRET,
  });
  const mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
  const baseUrl = `http://127.0.0.1:${mock.port}/mock-gateway`;
  const gateway = createAxiosGateway({ baseUrl, timeoutMs: 10_000, maxConnections: 8 });
  const worker = world.worker(gateway, {
    policy: { maxAttempts: 50, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 0 },
  });
  worker.start();
  return {
    readBook: async () => (await (await fetch(`${baseUrl}/book?limit=1000`)).json()) as Book,
    async reconcile() {
      const book = createAxiosGatewayBook({
        url: `${baseUrl}/book/export`,
        timeoutMs: 20_000,
        maxLines: 10_000,
      });
      return await runReconciliation({ ...database, book, startedBy: 'command', graceMs: 0 });
    },
    async stop() {
      await worker.stop(2000);
      gateway.close();
      await mock.stop();
    },
  };
}

interface Book {
  readonly entries: readonly { readonly amount_minor: string; readonly type: string }[];
  readonly totals: readonly { readonly currency: string; readonly net_minor: string }[];
}

test('whoever pays, wallets, the fee account and the book of a gateway with faults agree, refunds included', async () => {
  const fees: Record<string, Record<'deposit' | 'withdrawal', Terms>> = {
    // The other side pays.
    USD: {
      deposit: { percent: 2, fixed: 0.3, payer: 'sender' },
      withdrawal: { percent: 3, fixed: 0.25, payer: 'recipient' },
    },
    // The wallet pays, as usual.
    EUR: {
      deposit: { percent: 1, fixed: 0.1, payer: 'recipient' },
      withdrawal: { percent: 0, fixed: 0.75, payer: 'sender' },
    },
  };
  const expected = new Map<string, { balance: number; fee: number; net: number; userId: number }>();
  const depositIds: { currency: string; paymentId: number; cents: number }[] = [];
  for (const [currency, { deposit, withdrawal }] of Object.entries(fees)) {
    await setFee('deposit', currency, deposit);
    await setFee('withdrawal', currency, withdrawal);
    const books = { balance: 100_000, fee: 0, net: 0, userId: await userIn(currency) };
    for (let cents = 1025; cents <= 1034; cents += 1) {
      const { userId } = books;
      const amount = cents / 100;
      const made = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: amount, currency });
      expect(made.status).toBe(202);
      depositIds.push({ currency, paymentId: made.json.payment_id, cents });
      const [onDeposit, onWithdrawal] = [feeOn(cents, deposit), feeOn(cents, withdrawal)];
      books.balance += deposit.payer === 'sender' ? cents : cents - onDeposit;
      books.net += deposit.payer === 'sender' ? cents + onDeposit : cents;
      const sent = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount, currency });
      expect(sent.status).toBe(202);
      books.balance -= withdrawal.payer === 'sender' ? cents + onWithdrawal : cents;
      books.net -= withdrawal.payer === 'sender' ? cents : cents - onWithdrawal;
      books.fee += onDeposit + onWithdrawal;
    }
    expected.set(currency, books);
  }
  // What is set now is nothing to those that were accepted before.
  for (const currency of Object.keys(fees))
    for (const kind of ['deposit', 'withdrawal'])
      await setFee(kind, currency, { percent: 50, fixed: 9, payer: 'sender' });

  const gateway = await startGatewayAndWorker();
  try {
    await allEnded();
    const check = async () => {
      const book = await gateway.readBook();
      await foldSystemAccounts(database.pool);
      for (const [currency, { balance, fee, net, userId }] of expected) {
        expect(await balanceOf(userId, currency)).toBe(balance);
        expect(await readSystemBalance(database.knex, { kind: 'fee', currency })).toBe(BigInt(fee));
        expect(await readSystemBalance(database.knex, { kind: 'gateway', currency })).toBe(BigInt(-net));
        expect(book.totals.find((total) => total.currency === currency)?.net_minor).toBe(`${net}`);
      }
      expect(await gateway.reconcile()).toMatchObject({ status: 'clean', counts: { differences: {} } });
      expect(await world.count('reconciliation_differences')).toBe(0);
      expect(await world.violations()).toEqual([]);
      return book;
    };
    expect((await check()).entries).toHaveLength(40);

    // Half of each deposit goes back, and then the rest of it, with the whole of its fee in the end.
    for (const part of ['half', 'rest']) {
      for (const { currency, paymentId, cents } of depositIds) {
        const body = part === 'half' ? { amount: Math.floor(cents / 2) / 100 } : {};
        const refunded = await api.post(`/api/v1/payments/${paymentId}/refunds`, body);
        expect(refunded.status).toBe(202);
        if (part === 'half') continue;
        const books = expected.get(currency)!;
        const { deposit } = fees[currency]!;
        const fee = feeOn(cents, deposit);
        books.fee -= fee;
        books.balance -= deposit.payer === 'sender' ? cents : cents - fee;
        books.net -= deposit.payer === 'sender' ? cents + fee : cents;
      }
      await allEnded();
    }
    await check();
    // Inquiries, callbacks and repeated calls were among it, or this would prove little.
    expect(await world.count(`payment_attempts where inquiry = 'succeeded'`)).toBeGreaterThan(0);
    expect(await world.count('gateway_events where processed_at is not null')).toBeGreaterThan(0);
    expect(await world.count(`payment_attempts where outcome = 'unknown'`)).toBeGreaterThan(0);
  } finally {
    await gateway.stop();
  }
});

describe('a redrive asks the gateway for the same again, whatever is charged by then', () => {
  test.each([
    ['deposit', { percent: 2, fixed: 0.3, payer: 'sender' }, 10_230n],
    ['withdraw', { percent: 2, fixed: 0.3, payer: 'recipient' }, 9770n],
  ] as const)('of a %s', async (type, terms, gatewayMinor) => {
    await setFee(type === 'deposit' ? 'deposit' : 'withdrawal', 'USD', terms);
    const userId = await userIn('USD');
    const body = type === 'deposit' ? { deposit: 100 } : { amount: 100 };
    const { payment_id } = (await api.post(`/api/v1/payments/${type}`, { user_id: userId, ...body })).json;
    const scripted = createScriptedGateway();
    scripted.answerSends(() => answers.refused);
    const worker = world.worker(scripted.gateway);
    worker.start();
    try {
      await waitUntil('a dead letter', async () => (await world.count('payment_dlq')) === 1);
      const [letter] = (await api.get('/api/v1/dlq')).json.items;
      const shown = { amount: 100, commission: 2.3, fee_payer: terms.payer };
      expect(letter).toMatchObject({ payment_id, ...shown });

      await setFee(type === 'deposit' ? 'deposit' : 'withdrawal', 'USD', { ...terms, fixed: 7 });
      const named = {
        amount: gatewayMinor === 10_230n ? '102.30' : '97.70',
        currency: 'USD',
        type,
        reference: null,
      };
      scripted.answerSends(() => ({ ...answers.succeeded, named }));
      const redriven = await api.post(`/api/v1/dlq/${letter.id}/redrive`, { by: 'ana', reason: 'a test' });
      expect(redriven.status).toBeLessThan(300);
      await allEnded();
      expect(scripted.sent.map(({ amountMinor, feeMinor }) => [amountMinor, feeMinor])).toEqual([
        [gatewayMinor, 230n],
        [gatewayMinor, 230n],
      ]);
      const paid = (await api.get(`/api/v1/payments?user_id=${userId}&status=success`)).json.items;
      expect(paid).toMatchObject([{ redrive_of: payment_id, ...shown }]);
      expect(await balanceOf(userId, 'USD')).toBe(type === 'deposit' ? 110_000 : 90_000);
      expect(await world.count('reconciliation_differences')).toBe(0);
      expect(await world.violations()).toEqual([]);
    } finally {
      await worker.stop(1000);
    }
  });
});
