import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { MOST_BYTES } from './file-rates.ts';
import { createHttpRates } from './http-rates.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const GOOD = `{"base": "USD", "as_of": "2026-01-02T12:00:00Z", "rates": {"EUR": 0.92}}`;
const never = new AbortController().signal;

test('the base is asked for, and user and password of the address go as a header', async () => {
  let seen: unknown;
  const origin = await serve((request, response) => {
    seen = [request.url, request.headers.authorization];
    response.end(GOOD);
  });
  const url = `${origin.replace('//', '//ana:p%40ss@')}/latest/{base}?of={base}`;
  const given = await createHttpRates({ url, base: 'USD' }).read(never);
  expect(given.rates).toHaveLength(1);
  expect(seen).toEqual(['/latest/USD?of=USD', `Basic ${Buffer.from('ana:p@ss').toString('base64')}`]);
});

const FAILURES: [string, RequestListener, string, boolean][] = [
  ['503', (_, response) => response.writeHead(503).end('down'), 'the answer was 503', true],
  ['404', (_, response) => response.writeHead(404).end(), 'the answer was 404', false],
  [
    'a redirect, which is not followed',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'the answer was 302',
    false,
  ],
  ['a cut connection', (request) => request.socket.destroy(), 'no answer', true],
  ['no JSON', (_, response) => response.end('<html>'), 'cannot be used', false],
  [
    'an answer without end',
    (_, response) => {
      const write = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    },
    `more than ${MOST_BYTES} bytes`,
    false,
  ],
];

test.each(FAILURES)('%s is told without the address', async (_what, answer, message, mayPass) => {
  const url = (await serve(answer)).replace('//', '//ana:hidden-word@');
  const error = await createHttpRates({ url: `${url}/?token=other-secret`, base: 'USD' })
    .read(never)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'RateSourceError', source: 'http', mayPass });
  expect(String(error)).toContain(message);
  expect(inspect(error, { depth: 9 })).not.toMatch(/hidden-word|other-secret|127\.0\.0\.1/);
});

test('a source that says nothing is given up in time', async () => {
  const url = await serve(() => {});
  await expect(createHttpRates({ url, base: 'USD' }).read(AbortSignal.timeout(50))).rejects.toThrow(
    'no complete answer in time',
  );
});
