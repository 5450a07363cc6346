import { Agent, get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { waitUntil } from '../../test/support/wait-until.ts';
import { type RunningHttpServer, startHttpServer } from './http-server.ts';
import { isSurplusConnection } from './limit-connections.ts';

let server: RunningHttpServer;
const sockets: Socket[] = [];

async function start(listener: RequestListener, limits = {}): Promise<void> {
  const where = { host: '127.0.0.1', port: 0, portSetting: 'PORT' };
  server = await startHttpServer(listener, {
    ...where,
    requestTimeoutMs: 1000,
    maxConnections: 10,
    ...limits,
  });
}
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop(0);
});

/** A client that sends what it is told, and keeps what it gets. */
function open(text = '', { allowReading = true, localAddress = '127.0.0.1' } = {}) {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
  sockets.push(socket);
  socket.on('error', () => {});
  const client = { socket, received: '', isClosed: false };
  socket.on('close', () => {
    client.isClosed = true;
  });
  if (allowReading) {
    socket.on('data', (chunk) => {
      client.received += chunk;
    });
  }
  socket.write(text);
  return client;
}
const answerOk = (_request: IncomingMessage, response: ServerResponse) => response.end('ok');
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a client that sends its headers too slowly is cut off', async () => {
  await start(answerOk);
  const client = open('GET / HTTP/1.1\r\nHost: x\r\n');
  const drip = setInterval(() => client.socket.write('X: x\r\n'), 50);
  await waitUntil('the end of the connection', () => client.isClosed);
  clearInterval(drip);
  expect(client.received).toMatch(/^(HTTP\/1\.1 408|$)/);
});

test('a client that sends its body too slowly is cut off', async () => {
  await start((request, response) => {
    request.resume();
    request.once('end', () => response.end('ok'));
  });
  const client = open('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
  const drip = setInterval(() => client.socket.write('x'), 50);
  await waitUntil('the end of the connection', () => client.isClosed);
  clearInterval(drip);
  expect(client.received).not.toContain('ok');
});

test('a client that does not read its answer is cut off', async () => {
  let answering: ServerResponse | undefined;
  await start((_request, response) => {
    answering = response;
    response.end(Buffer.alloc(50_000_000));
  });
  open(REQUEST, { allowReading: false });
  await waitUntil('the end of the answer', () => answering?.closed);
  expect(answering?.writableFinished).toBe(false);
});

test('headers that are too large are refused', async () => {
  await start(answerOk);
  const client = open(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
  await waitUntil('the end of the connection', () => client.isClosed);
  expect(client.received).toMatch(/^HTTP\/1\.1 431/);
});

test('no header is ignored, however many there are', async () => {
  await start((request, response) => response.end(`key: ${request.headers['idempotency-key']}`));
  const client = open(`GET / HTTP/1.1\r\nHost: x\r\n${'a:\r\n'.repeat(3000)}Idempotency-Key: k1\r\n\r\n`);
  await waitUntil('an answer', () => client.received.includes('key:'));
  expect(client.received).toContain('key: k1');
});

test('a connection beyond the limit is marked for the app, and one far beyond it is closed', async () => {
  // All but probes are at work for ever, so that nobody can make room.
  await start(
    (request, response) => {
      if (isSurplusConnection(request.socket)) response.write('surplus');
    },
    { maxConnections: 2, requestTimeoutMs: 60_000 },
  );
  const clients: ReturnType<typeof open>[] = [];
  for (let opened = 1; opened <= 103; opened += 1) {
    const client = open(REQUEST);
    clients.push(client);
    const soFar = Math.min(opened, 102);
    await waitUntil(
      'a request or the end',
      () => server.connectionCount() === soFar && (opened <= 2 || client.received !== '' || client.isClosed),
    );
  }
  expect(clients.slice(0, 2).map(({ received }) => received)).toEqual(['', '']);
  expect(clients.slice(2, 102).every(({ received }) => received.includes('surplus'))).toBe(true);
  expect([clients[102]?.received, clients[102]?.isClosed]).toEqual(['', true]);

  clients[0]?.socket.destroy();
  await waitUntil('a free place', () => server.connectionCount() === 101);
});

describe('when it gets tight', () => {
  const HALF_HEAD = 'GET / HTTP/1.1\r\nHost: x\r\n';
  const HALF_BODY = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{';
  const answerWhole = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    request.once('end', () => response.end(isSurplusConnection(request.socket) ? 'surplus' : 'welcome'));
  };

  test.each([
    ['nothing sent', ''],
    ['half a head', HALF_HEAD],
    ['half a body', HALF_BODY],
    ['an answer to its last request', REQUEST],
  ])('a connection with %s makes room, the oldest first', async (_what, text) => {
    await start(answerWhole, { maxConnections: 3, requestTimeoutMs: 60_000 });
    const clients: ReturnType<typeof open>[] = [];
    for (let opened = 1; opened <= 3; opened += 1) {
      clients.push(open(text));
      await waitUntil('a connection', () => server.connectionCount() === opened);
    }
    const late = open(REQUEST);
    await waitUntil('an answer', () => late.received.includes('welcome'));
    await waitUntil('the end of the oldest', () => clients[0]?.isClosed);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
    expect(server.evictedCount()).toBe(1);
  });

  test('a waiting connection is closed before one whose body is arriving, and a busy one is never closed', async () => {
    let answering: ServerResponse | undefined;
    await start(
      (request, response) => {
        if (request.method === 'POST') request.resume();
        else if (!answering) answering = response;
        else response.end('welcome');
      },
      { maxConnections: 3, requestTimeoutMs: 60_000 },
    );
    const atWork = open(REQUEST);
    await waitUntil('a request', () => answering);
    const sending = open(HALF_BODY);
    await waitUntil('a connection', () => server.connectionCount() === 2);
    const waiting = open(HALF_HEAD);
    await waitUntil('a connection', () => server.connectionCount() === 3);
    for (const other of [waiting, sending]) {
      open(HALF_BODY);
      await waitUntil('the end', () => other.isClosed);
    }
    answering?.end('done');
    await waitUntil('its answer', () => atWork.received.includes('done'));
  });

  test('one address can take only its own places', async () => {
    await start(answerWhole, { maxConnections: 20, maxPerAddress: 3, requestTimeoutMs: 60_000 });
    const others = [
      open(HALF_HEAD, { localAddress: '127.0.0.2' }),
      open(HALF_HEAD, { localAddress: '127.0.0.2' }),
    ];
    await waitUntil('connections', () => server.connectionCount() === 2);
    for (let count = 0; count < 30; count += 1) open(HALF_HEAD);
    await waitUntil('evictions', () => server.evictedCount() === 27);
    expect(server.connectionCount()).toBe(5);
    expect(others.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    const probe = open(REQUEST);
    await waitUntil('an answer', () => probe.received.includes('welcome'));
  });

  test('a proxy may have all places', async () => {
    await start(answerWhole, {
      maxConnections: 20,
      maxPerAddress: 3,
      isProxy: (address: string) => address.endsWith('127.0.0.1'),
      requestTimeoutMs: 60_000,
    });
    for (let count = 0; count < 20; count += 1) open(HALF_HEAD);
    await waitUntil('connections', () => server.connectionCount() === 20);
    expect(server.evictedCount()).toBe(0);
  });
});

test('a server that stops makes the answer in progress the last one of its connection', async () => {
  let answer: ServerResponse | undefined;
  await start((_request, response) => {
    answer = response;
  });
  const agent = new Agent({ keepAlive: true });
  const answered = new Promise<IncomingMessage>((resolve) => {
    get({ port: server.port, host: '127.0.0.1', agent }, (response) => resolve(response.resume()));
  });
  await waitUntil('a request under way', () => answer);
  const stopped = server.stop(10_000);
  answer?.end('ok');
  expect((await answered).headers.connection).toBe('close');
  await stopped;
  agent.destroy();
});
