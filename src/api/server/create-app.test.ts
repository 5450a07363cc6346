import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { testConfig } from '../../../test/support/test-config.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { CommandUnavailable } from '../../commands/command-outcome.ts';
import { CommitOutcomeUnknown } from '../../database/transactions/commit-outcome.ts';
import type { Acceptor } from '../../payments/accept/acceptance.ts';
import { createLogger } from '../../telemetry/logging.ts';
import { createRegistry } from '../../telemetry/metrics.ts';
import { createMetricsPage } from '../../telemetry/metrics-page.ts';
import type { ApiContext } from './api-context.ts';
import { createApiMetrics } from './api-metrics.ts';
import { createApp, listOperations } from './create-app.ts';

/** The app without a database: what a payment ends with is scripted. */
function createContext(
  execute: Acceptor['execute'],
  settings: Record<string, string> = {},
  changes: Partial<ApiContext> = {},
) {
  const config = testConfig(settings);
  const registry = createRegistry();
  const logged: { event: string; request_id?: string }[] = [];
  const log = createLogger(config, 'api');
  log.error = (entry: unknown) => {
    logged.push(entry as (typeof logged)[number]);
  };
  const acceptor: Acceptor = { execute, waitingCount: () => 0, stop: async () => {} };
  const metrics = createApiMetrics(registry, acceptor);
  const context = {
    config,
    log,
    metricsPage: createMetricsPage(registry, { maxAgeMs: 0 }),
    metrics,
    acceptor,
    pulse: { isHung: () => false },
    loadMeter: { read: () => ({ eventLoopDelayMs: 0, memoryShare: 0 }) },
    integrity: { openCount: () => 0 },
    version: '1.2.3',
    onTaskReady: () => {},
    ...changes,
  };
  return { context: context as unknown as ApiContext, logged };
}

async function serve<T>(app: Express, use: (port: number) => Promise<T>): Promise<T> {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const deposit = (port: number) =>
  fetch(`http://127.0.0.1:${port}/api/v1/payments/deposit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k', 'x-request-id': 'request-1' },
    body: '{"user_id": 1, "deposit": 1}',
  });

describe('a payment that cannot be taken', () => {
  test.each([
    ['the database is away', new CommandUnavailable('database'), 'database-unavailable', /Nothing was done/],
    ['too many wait', new CommandUnavailable('overload'), 'overloaded', /Nothing was done/],
    ['its COMMIT was lost', new CommitOutcomeUnknown('lost'), 'accept-outcome-unknown', /same request again/],
    [
      'a connection was reset',
      Object.assign(new Error(), { code: 'ECONNRESET' }),
      'write-outcome-unknown',
      /first read/,
    ],
  ])('because %s is answered 503 with advice', async (_what, error, code, advice) => {
    const { context } = createContext(() => Promise.reject(error));
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const answer = await deposit(port);
      const problem = await answer.json();
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(problem).toMatchObject({ code, retry: 'same-key', detail: expect.stringMatching(advice) });
    });
  });

  test('for an unexpected reason is answered 500 without details, counted, and logged with the request id', async () => {
    const { context, logged } = createContext(() => Promise.reject(new TypeError('secret detail')));
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const answer = await deposit(port);
      const text = await answer.text();
      expect([answer.status, JSON.parse(text).code]).toEqual([500, 'internal']);
      expect(text).not.toMatch(/secret|TypeError|\.ts/);
      expect(await context.metricsPage.read()).toContain(
        'tollgate_unclassified_errors_total{kind="not_a_database_error"} 1',
      );
      expect(logged).toContainEqual(
        expect.objectContaining({ event: 'http.request_failed', request_id: 'request-1' }),
      );
    });
  });

  test('because the user has no wallet in the currency is answered 409', async () => {
    const { context } = createContext(async () => ({
      kind: 'decided',
      result: { kind: 'wallet_not_found' },
    }));
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const answer = await deposit(port);
      expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'wallet-not-found' }]);
    });
  });
});

describe('a request that takes too long', () => {
  const settings = { API_REQUEST_TIMEOUT_SECONDS: '0.2' };

  test('and may have written is answered that its outcome is not known', async () => {
    const { context } = createContext(() => new Promise(() => {}), settings);
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const answer = await deposit(port);
      expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'accept-outcome-unknown' }]);
    });
  });

  test('because its body does not arrive is given up, and is not carried out when the rest arrives later', async () => {
    let acceptCount = 0;
    const { context } = createContext(() => {
      acceptCount += 1;
      return Promise.reject(new Error('not expected'));
    }, settings);
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const socket = connect(port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
        socket.write('"deposit": 1}');
      });
      socket.on('error', () => {});
      socket.write(
        'POST /api/v1/payments/deposit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n{"user_id": 1, ',
      );
      await new Promise((resolve) => socket.once('close', resolve));
      await sleep(50);
      expect(received).toMatch(/^HTTP\/1\.1 408/);
      expect(received).toContain('request-timeout');
      expect(acceptCount).toBe(0);
    });
  });
});

describe('a process that has too much to do', () => {
  const accepted = async () =>
    ({
      kind: 'decided',
      result: {
        kind: 'answered',
        decided: 'accepted',
        response: { status: 202, body: '{}' },
        resource: { kind: 'payment', id: 1n },
      },
    }) as const;
  const busy = { read: () => ({ eventLoopDelayMs: 0, memoryShare: 0.9 }) };
  const full = { read: () => ({ eventLoopDelayMs: 0, memoryShare: 0.99 }) };
  const statusOf = async (port: number, path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).status;

  test('turns writes away and keeps answering reads', async () => {
    const { context } = createContext(accepted, {}, { loadMeter: busy });
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const answer = await deposit(port);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({ code: 'overloaded', retry: 'same-key' });
      expect(await statusOf(port, '/problems/overloaded')).toBe(200);
      expect(await context.metricsPage.read()).toContain('tollgate_requests_shed_total{reason="memory"} 1');
    });
  });

  test('turns reads away when it gets worse, but still answers health checks and metrics', async () => {
    const { context } = createContext(accepted, {}, { loadMeter: full });
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      expect(await statusOf(port, '/problems/overloaded')).toBe(503);
      expect(await statusOf(port, '/api/v1/health/live')).toBe(200);
      expect(await statusOf(port, '/metrics')).toBe(200);
    });
  });

  test('takes no more requests at once than its limit', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let heldCount = 0;
    const execute = () => {
      heldCount += 1;
      return held.then(accepted);
    };
    const { context } = createContext(execute, { API_MAX_CONCURRENT_REQUESTS: '2' });
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      const underWay = [deposit(port), deposit(port)];
      await waitUntil('as many as there may be', () => heldCount === 2);
      expect((await deposit(port)).status).toBe(503);
      release();
      expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([202, 202]);
      expect((await deposit(port)).status).toBe(202);
    });
  });

  test('answers at once when its database gives no answer', async () => {
    const { context } = createContext(accepted, {}, { pulse: { isHung: () => true } });
    await serve(createApp(context, { door: 'everybody' }), async (port) => {
      expect(await (await deposit(port)).json()).toMatchObject({ status: 503, code: 'database-unavailable' });
      expect(await statusOf(port, '/api/v1/payments')).toBe(503);
      expect(await statusOf(port, '/api/v1/health/ready')).toBe(503);
      expect(await statusOf(port, '/api/v1/health/live')).toBe(200);
      expect(await statusOf(port, '/openapi.json')).toBe(200);
    });
  });
});

test('every route of the app is described, and every operation that is described is a route', async () => {
  const { context } = createContext(() => Promise.reject(new Error('not expected')));
  const app = createApp(context, { door: 'everybody' });
  const routes = app.router.stack.flatMap(({ route }) =>
    (route?.stack ?? []).flatMap(({ method }) => (method ? [`${method} ${route?.path}`] : [])),
  );
  const described = await serve(app, async (port) => {
    const answer = await fetch(`http://127.0.0.1:${port}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, object> };
    return Object.entries<object>(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
  });
  const undescribed = [
    'get /asyncapi.json',
    'get /console,/console/*file',
    'get /docs,/docs/*file',
    'get /docs/events',
    'get /metrics',
    'get /openapi.json',
    'get /problems/:code',
  ];
  expect([...new Set(routes)].sort()).toEqual([...described, ...undescribed].sort());
});

test('every example fits its own schema', () => {
  const { context } = createContext(() => Promise.reject(new Error('not expected')));
  for (const { id, body, bodyExample, answers } of listOperations(context)) {
    expect([id, body?.safeParse(bodyExample).error]).toEqual([id, undefined]);
    for (const [status, { schema, example }] of Object.entries(answers)) {
      expect([id, status, schema.safeParse(example).error]).toEqual([id, status, undefined]);
    }
  }
});

test('no answer says what the app is built with', async () => {
  const { context } = createContext(() => Promise.reject(new Error('not expected')));
  await serve(createApp(context, { door: 'everybody' }), async (port) => {
    const { headers } = await fetch(`http://127.0.0.1:${port}/api/v1/health/live`);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
