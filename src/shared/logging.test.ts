import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { serializeError } from './logging.ts';

test('a log never has the password of an address', () => {
  const error = new Error('no route to postgres://ana:s3cr@et@db/x');
  expect(JSON.stringify(serializeError(error))).not.toMatch(/s3cr|et@/);
});

test('an error is logged by its name, code, message and stack, and nothing that hangs on it', () => {
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
  const late = setTimeout(() => child.kill('SIGKILL'), 8000);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  // Once it answers, it listens to signals as well.
  await fetch(`http://127.0.0.1:${JSON.parse(line).port}/mock-gateway/health`);
  child.stdout.destroy();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  clearTimeout(late);
}, 15_000);
