import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testConfig } from '../../test/support/test-config.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { checkCallbackSignature } from '../gateway/port/callback-signature.ts';
import { createLogger } from '../telemetry/logging.ts';
import { behaviourFromConfig } from './behaviour.ts';
import { createBehaviourStore } from './behaviour-store.ts';
import { planCallback } from './callback-plan.ts';
import { createCallbackSender } from './callback-sender.ts';

const SECRET = 'a secret of the test';
const log = createLogger(testConfig(), 'gateway-mock');
const outcome = (reference: string) => ({
  reference,
  status: 'succeeded' as const,
  type: 'deposit' as const,
  amountMinor: 19_999n,
  currency: 'USD',
  gatewayReference: 'gw-1',
});

/** A receiver that answers what the test says, and keeps what it was sent. */
async function startReceiver(answer: (deliveryNumber: number) => number) {
  const received: { body: string; signature: string | undefined }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ body, signature: request.headers['tollgate-signature'] as string | undefined });
      response.writeHead(answer(received.length)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/callbacks`,
    received,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function createSender(url: string, settings: Record<string, string> = {}) {
  const config = testConfig({
    GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '0',
    GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE: '0',
    GATEWAY_MOCK_CALLBACK_REORDER_RATE: '0',
    ...settings,
  });
  const behaviour = createBehaviourStore(behaviourFromConfig(config));
  return createCallbackSender({ url, secret: SECRET, seed: 'test', behaviour, log, firstPauseMs: 1 });
}

test('an outcome is reported once, with a signature that the processor accepts', async () => {
  const receiver = await startReceiver(() => 202);
  const sender = createSender(receiver.url);
  sender.notify(outcome('42-abc'));
  await waitUntil('a callback', () => sender.counters().answered === 1);
  const [callback] = receiver.received;
  expect(JSON.parse(callback?.body ?? '')).toMatchObject({
    event_id: expect.stringMatching(/^evt_[0-9a-f]{24}$/),
    reference: '42-abc',
    status: 'succeeded',
    amount: '199.99',
    currency: 'USD',
    gateway_reference: 'gw-1',
  });
  expect(
    checkCallbackSignature({
      header: callback?.signature,
      rawBody: Buffer.from(callback?.body ?? ''),
      secrets: [SECRET],
      nowMs: Date.now(),
    }),
  ).toBe('valid');
  expect(sender.counters()).toMatchObject({ events: 1, deliveries: 1, waiting: 0 });
  sender.stop();
  await receiver.stop();
});

test('a delivery that is not accepted is repeated with the same event, until it is', async () => {
  const receiver = await startReceiver((deliveryNumber) => (deliveryNumber < 4 ? 503 : 200));
  const sender = createSender(receiver.url);
  sender.notify(outcome('1-a'));
  await waitUntil('a callback that is taken', () => sender.counters().answered === 1);
  expect(receiver.received).toHaveLength(4);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  sender.stop();
  await receiver.stop();
});

test('a delivery that is never accepted is given up', async () => {
  const receiver = await startReceiver(() => 404);
  const sender = createSender(receiver.url);
  sender.notify(outcome('1-a'));
  await waitUntil('a callback that is given up', () => sender.counters().given_up === 1);
  expect(sender.counters()).toMatchObject({ deliveries: 10, failed: 10, waiting: 0 });
  sender.stop();
  await receiver.stop();
});

test('a receiver that cannot be reached costs tries and nothing else', async () => {
  const receiver = await startReceiver(() => 200);
  await receiver.stop();
  const sender = createSender(receiver.url);
  sender.notify(outcome('1-a'));
  await waitUntil('a callback that is given up', () => sender.counters().given_up === 1);
  sender.stop();
});

test('duplicates carry the same event id', async () => {
  const receiver = await startReceiver(() => 200);
  const sender = createSender(receiver.url, { GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE: '1' });
  for (const reference of ['1-a', '2-b']) sender.notify(outcome(reference));
  await waitUntil('four deliveries', () => sender.counters().answered === 4);
  expect(new Set(receiver.received.map(({ body }) => JSON.parse(body).event_id)).size).toBe(2);
  sender.stop();
  await receiver.stop();
});

test('a stopped sender sends nothing more', async () => {
  const receiver = await startReceiver(() => 200);
  const sender = createSender(receiver.url, { GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '0.2' });
  sender.notify(outcome('1-a'));
  sender.stop();
  sender.notify(outcome('2-b'));
  expect(sender.counters()).toMatchObject({ deliveries: 0, waiting: 0 });
  await receiver.stop();
});

describe('the plan of a callback', () => {
  const rules = { callback_delay_ms: 100, callback_duplicate_rate: 0.3, callback_reorder_rate: 0.2 };
  const plans = Array.from({ length: 1000 }, (_, index) =>
    planCallback(rules, { seed: 's', reference: `${index}-x` }),
  );

  test('is the same for the same seed and reference', () => {
    expect(planCallback(rules, { seed: 's', reference: '7-x' })).toEqual(plans[7]);
    expect(planCallback(rules, { seed: 'other', reference: '7-x' })).not.toEqual(plans[7]);
  });

  test('duplicates and delays the configured shares', () => {
    const duplicated = plans.filter(({ delaysMs }) => delaysMs.length === 2).length;
    const heldBack = plans.filter(({ delaysMs: [delayMs = 0] }) => delayMs >= 500).length;
    expect(duplicated).toBeGreaterThan(250);
    expect(duplicated).toBeLessThan(350);
    expect(heldBack).toBeGreaterThan(150);
    expect(heldBack).toBeLessThan(250);
  });
});
