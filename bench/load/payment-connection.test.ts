import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLoadTally, describeTally } from './load-tally.ts';
import { openPaymentConnection } from './payment-connection.ts';

const REQUEST =
  'POST /payments HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k1\r\nContent-Length: 2\r\n\r\n{}';
const ACCEPTED = '{"payment_id":1}';
const servers: Server[] = [];

async function serving(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

test('a payment that is turned away goes out again with the same key, and the tally tells', async () => {
  const keys: unknown[] = [];
  const port = await serving((request, response) => {
    keys.push(request.headers['idempotency-key']);
    const [status, body] = keys.length === 1 ? [503, '{"code":"overloaded"}'] : [202, ACCEPTED];
    response.writeHead(status, { 'Content-Length': body.length }).end(body);
  });
  const tally = createLoadTally();
  const connection = await openPaymentConnection(port, tally);
  expect(await connection.send(REQUEST)).toEqual({ status: 202, body: ACCEPTED });
  connection.close();
  expect(keys).toEqual(['k1', 'k1']);
  expect(describeTally(tally)).toBe('1 requests were turned away (503) and sent again with their key');
});

test.each([
  [422, '{"code":"insufficient-funds"}'],
  [202, '{"unexpected":1}'],
  [500, '{"code":"internal-error"}'],
])('an answer of %i %s is no acceptance, and an error', async (status, body) => {
  const port = await serving((_request, response) => {
    response.writeHead(status, { 'Content-Length': body.length }).end(body);
  });
  const connection = await openPaymentConnection(port, createLoadTally());
  await expect(connection.send(REQUEST)).rejects.toThrow(`HTTP ${status}: ${body}`);
  connection.close();
});

test('a tally with nothing in it is not spoken of', () => {
  expect(describeTally(createLoadTally())).toBeUndefined();
});
