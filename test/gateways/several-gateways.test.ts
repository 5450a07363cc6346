import { createAxiosGatewayBook } from '../../src/gateway/http/axios-gateway-book.ts';
import { readGateways } from '../../src/gateway/port/gateways.ts';
import { bookOptions } from '../../src/reconciliation/book-options.ts';
import { runReconciliation } from '../../src/reconciliation/run-reconciliation.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createGatewaysWorld } from './gateways-world.ts';

let world: Awaited<ReturnType<typeof createGatewaysWorld>>;
let userId: number;
beforeAll(async () => {
  world = await createGatewaysWorld();
  userId = await world.user();
});
afterAll(() => world.stop());

const breakerOf = async (name: 'bank' | 'default') => {
  const { gateway, further_gateways: further } = await world.health();
  return (name === 'bank' ? further.bank : gateway).breaker;
};
const wasSent = async (paymentId: number) => {
  const { rows } = await world.database.pool.query(
    'select 1 from payment_attempts where payment_id = $1 and outcome is not null',
    [paymentId],
  );
  return rows.length > 0;
};
const taskOf = async (paymentId: number) => {
  const { rows } = await world.database.pool.query(
    'select gateway, attempts, state from payment_tasks where payment_id = $1',
    [paymentId],
  );
  return rows[0];
};

test('payments of a currency go to its gateway, and all others to the one without a name', async () => {
  const euros = await world.deposit(userId, 'EUR');
  const dollars = await world.deposit(userId, 'USD');
  await Promise.all([world.settled(euros), world.settled(dollars)]);
  expect(new Set(await world.mocks.bank.called())).toEqual(new Set([await world.referenceOf(euros)]));
  expect(new Set(await world.mocks.default.called())).toEqual(new Set([await world.referenceOf(dollars)]));
});

test('while one gateway is down, its payments wait without using up an attempt, and the others go on', async () => {
  await world.mocks.bank.behave({ is_down: true });
  const euros: number[] = [];
  for (let made = 0; made < 8; made += 1) euros.push(await world.deposit(userId, 'EUR'));
  await waitUntil('an open breaker', async () => (await breakerOf('bank')) === 'open');
  const waiting = await world.deposit(userId, 'EUR');
  const dollars = await world.deposit(userId, 'USD');
  await world.settled(dollars);
  expect(await breakerOf('default')).toBe('closed');
  const metrics = await world.metrics();
  expect(metrics).toContain('tollgate_gateway_breaker_state{gateway="default",state="closed"} 1');
  expect(metrics).toMatch(/tollgate_gateway_breaker_opened_total\{gateway="bank"\} [1-9]/);
  expect(await taskOf(waiting)).toMatchObject({ gateway: 'bank', attempts: 0 });
  expect(await world.mocks.default.called()).not.toContain(await world.referenceOf(waiting));

  await world.mocks.bank.behave({ is_down: false });
  for (const paymentId of [...euros, waiting]) await world.settled(paymentId);
});

test('if the credentials of one gateway are wrong, only its payments wait, and metrics say which', async () => {
  await world.mocks.bank.behave({ turned_away: 'unauthorized' });
  const euros = await world.deposit(userId, 'EUR');
  await waitUntil('it was turned away', async () =>
    /tollgate_gateway_calls_total\{gateway="bank",[^}]*error_class="unauthorized"\} [1-9]/.test(
      await world.metrics(),
    ),
  );
  await world.settled(await world.deposit(userId, 'USD'));
  expect(await world.metrics()).not.toMatch(/gateway="default",[^}]*error_class="unauthorized"/);
  expect(await taskOf(euros)).toMatchObject({ attempts: 0 });
  await world.mocks.bank.behave({ turned_away: null });
  await world.settled(euros);
});

describe('callbacks', () => {
  test('of another gateway do not settle a payment, whatever they say, and are for a person', async () => {
    await world.mocks.bank.behave({ is_down: true });
    const euros = await world.deposit(userId, 'EUR');
    expect(await world.callback('default', euros)).toBe(202);
    await waitUntil('it is processed', async () => {
      const { rows } = await world.database.pool.query(
        `select 1 from gateway_events where event_id = $1 and gateway = 'default' and result = 'exception'`,
        [`evt-${euros}`],
      );
      return rows.length === 1;
    });
    expect((await world.payment(euros)).status).not.toBe('success');
    const { json } = await world.api.get('/api/v1/reconciliation/exceptions');
    expect(json.items[0]).toMatchObject({
      kind: 'unknown_payment',
      reference: await world.referenceOf(euros),
    });

    // The same id from the gateway that was asked is another event.
    expect(await world.callback('bank', euros)).toBe(202);
    await world.settled(euros);
    expect((await world.payment(euros)).transaction_status).toBe('posted');
    await world.mocks.bank.behave({ is_down: false });
  });
});

test('each book is compared with the payments of its own gateway only', async () => {
  for (const gateway of readGateways(world.config)) {
    const book = createAxiosGatewayBook(bookOptions(gateway.config));
    const { counts } = await runReconciliation({
      ...world.database,
      ...{ book, gateway: gateway.name, startedBy: 'command', graceMs: 0 },
    });
    book.close();
    const { rows } = await world.database.pool.query(
      `select count(*)::int as count from payments where status = 'success' and coalesce(gateway, 'default') = $1`,
      [gateway.name],
    );
    // Of the bank, a callback may have reported what the stand-in never carried out.
    const { missing_there: missing, ...others } = counts.differences;
    expect(others).toEqual({});
    expect(missing?.found ?? 0).toBeLessThanOrEqual(gateway.name === 'bank' ? 1 : 0);
    expect(counts.matched + (missing?.found ?? 0)).toBe(rows[0].count);
  }
  const { json } = await world.api.get('/api/v1/reconciliation/reports');
  expect(json.items.map((report: { gateway: string }) => report.gateway)).toEqual(['bank', 'default']);
});

describe('when the settings have changed', () => {
  test('a payment that was sent waits for its gateway, and no other gateway is told of it', async () => {
    await world.mocks.bank.behave({ is_down: true });
    const euros = await world.deposit(userId, 'EUR');
    const reference = await world.referenceOf(euros);
    await waitUntil('it was sent', () => wasSent(euros));
    await world.mocks.bank.behave({ is_down: false });
    await world.describe({});
    await waitUntil('the metric names the gateway', async () =>
      (await world.metrics()).includes('tollgate_payments_without_gateway{gateway="bank"} 1'),
    );
    const later = await world.deposit(userId, 'EUR');
    await world.settled(later);
    expect(await world.mocks.default.called()).toContain(await world.referenceOf(later));
    expect(await world.mocks.default.called()).not.toContain(reference);
    expect((await world.payment(euros)).status).toBe('processing');

    await world.describe({ bank: world.bank({ currencies: [] }) });
    await world.settled(euros);
    expect(await world.mocks.bank.carriedOut()).toContain(reference);
    await world.describe({ bank: world.bank() });
    await waitUntil('the metric is 0', async () =>
      (await world.metrics()).includes('tollgate_payments_without_gateway{gateway="bank"} 0'),
    );
  });

  test('a name that stands for another address is not called until somebody says that the gateway has moved', async () => {
    await world.mocks.bank.behave({ is_down: true });
    const euros = await world.deposit(userId, 'EUR');
    await waitUntil('it was sent', () => wasSent(euros));
    const elsewhere = { currencies: [], PAYMENT_GATEWAY_URL: world.mocks.default.address };
    await world.describe({ bank: world.bank(elsewhere) });
    await world.mocks.bank.behave({ is_down: false });
    await world.settled(await world.deposit(userId, 'USD'));
    await waitUntil('the metric names the gateway', async () =>
      (await world.metrics()).includes('tollgate_payments_without_gateway{gateway="bank"} 1'),
    );
    expect((await world.payment(euros)).status).toBe('processing');
    const reference = await world.referenceOf(euros);
    expect(await world.mocks.default.called()).not.toContain(reference);

    await world.describe({ bank: world.bank({ ...elsewhere, moved_from: `${world.mocks.bank.address}/` }) });
    await world.settled(euros);
    expect(await world.mocks.default.carriedOut()).toContain(reference);
    await world.describe({ bank: world.bank({ currencies: [], moved_from: world.mocks.default.address }) });
  });

  test('a refund goes to the gateway of its deposit', async () => {
    await world.describe({ bank: world.bank() });
    const deposit = await world.deposit(userId, 'EUR');
    await world.settled(deposit);
    await world.describe({ bank: world.bank({ currencies: [] }) });
    const refund = await world.api.post(`/api/v1/payments/${deposit}/refunds`, {});
    expect(refund.status).toBe(202);
    await world.settled(refund.json.payment_id);
    expect(await world.mocks.bank.carriedOut()).toContain(await world.referenceOf(refund.json.payment_id));
  });

  test('a redrive goes to the gateway that refused', async () => {
    await world.describe({ bank: world.bank() });
    await world.mocks.bank.behave({ refusal_rate: 1 });
    const refused = await world.deposit(userId, 'EUR');
    const letter = await waitUntil('a dead letter', async () => {
      const { json } = await world.api.get('/api/v1/dlq');
      return json.items.find((each: { payment_id: number }) => each.payment_id === refused);
    });
    await world.mocks.bank.behave({ refusal_rate: 0 });
    await world.describe({ bank: world.bank({ currencies: [] }) });
    const redriven = await world.api.post(`/api/v1/dlq/${letter.id}/redrive`, { by: 'ana' });
    expect(redriven.status).toBe(200);
    await world.settled(redriven.json.redriven_payment_id);
    expect(await world.mocks.bank.carriedOut()).toContain(
      await world.referenceOf(redriven.json.redriven_payment_id),
    );
  });
});
