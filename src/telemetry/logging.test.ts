import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { removeSecrets } from './remove-secrets.ts';
import { serializeError } from './serialize-error.ts';

test('a log never contains the password of an address', () => {
  const error = new Error('no route to postgres://ana:s3cr@et@db/x');
  expect(JSON.stringify(serializeError(error))).not.toMatch(/s3cr|et@/);
});

test('the settings can be logged without their secrets', async () => {
  const secrets = {
    DATABASE_URL: 'postgres://ana:hunter2@db/x',
    MIGRATION_DATABASE_URL: 'postgres://owner:hunter2@db/x',
    OPERATOR_TOKEN: 'hunter2hunter2hunter2',
    PAYMENT_GATEWAY_URL: 'https://shop:hunter2@gateway.example',
    GATEWAY_BOOK_URL: 'https://gateway.example/book?key=hunter2',
    GATEWAY_AUTHORIZATION: 'Bearer hunter2',
    GATEWAY_HEADERS: '{"X-Api-Key":"hunter2"}',
    GATEWAY_CALLBACK_SECRET: 'hunter2hunter2hunter2',
    GATEWAY_CLIENT_KEY_PASSPHRASE: 'hunter2',
    GATEWAY_MOCK_CALLBACK_URL: 'http://hunter2@api.example',
    RATES_URL: 'https://rates.example/?key=hunter2',
    RATES_AUTHORIZATION: 'Bearer hunter2',
  };
  const script = `
    import { parseConfig } from ${JSON.stringify(path.resolve(import.meta.dirname, '..', 'process', 'settings', 'config.ts'))};
    import { createLogger } from ${JSON.stringify(path.join(import.meta.dirname, 'logging.ts'))};
    const config = parseConfig(process.env);
    createLogger(config, 'test').info({ event: 'settings', config, ...config });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: process.env.PATH, ...secrets },
  });
  expect(stdout.split('"leaseMs":30000')).toHaveLength(3);
  expect(stdout).not.toContain('hunter2');
});

test('a field that says it is a secret is left out, however deep it stands', () => {
  const request = {
    method: 'POST',
    headers: { Authorization: 'hunter2', accept: '*/*', 'set-cookie': 'hunter2' },
  };
  const fields = {
    event: 'call.failed',
    token: 'hunter2',
    payment_id: '7',
    calls: [{ request }, { request: { ...request, body: { nested: { apiToken: 'hunter2', amount: 5 } } } }],
    failure: Object.assign(new Error('refused'), { config: { headers: { authorization: 'hunter2' } } }),
  };
  const clean = removeSecrets(fields);
  expect(JSON.stringify(clean)).not.toContain('hunter2');
  expect(clean).toMatchObject({
    event: 'call.failed',
    payment_id: '7',
    calls: [
      { request: { method: 'POST', headers: { accept: '*/*' } } },
      { request: { body: { nested: { amount: 5 } } } },
    ],
    failure: { message: 'refused' },
  });
  expect(fields.token).toBe('hunter2');
});

test('a line without secrets is written as it is, and a circle ends', () => {
  const line = {
    event: 'payment.settled',
    payment_id: '7',
    at: new Date(),
    places: [1, 2],
    more: { attempt: 1 },
  };
  expect(removeSecrets(line)).toBe(line);
  const circle: Record<string, unknown> = { secret: 'hunter2' };
  circle.again = circle;
  expect(JSON.stringify(removeSecrets(circle))).not.toContain('hunter2');
});

test('an error is logged with its name, code, message and stack, and without its other members', () => {
  const error = Object.assign(new Error('refused'), {
    code: 'ECONNREFUSED',
    config: { headers: { authorization: 'Bearer x' } },
  });
  expect(Object.keys(serializeError(error)).sort()).toEqual(['code', 'message', 'name', 'stack']);
});

test('a process whose log nobody reads any more still ends when it is asked to', async () => {
  const script = path.resolve(import.meta.dirname, '..', 'gateway-mock', 'main.ts');
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, GATEWAY_MOCK_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  // Once it answers, it listens to signals as well.
  await fetch(`http://127.0.0.1:${JSON.parse(line).port}/mock-gateway/health`);
  child.stdout.destroy();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  clearTimeout(late);
});
