import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../test/support/wait-until.ts';
import { openConnection } from './http-connection.ts';
import { createLoadTally } from './load-tally.ts';

const REQUEST = 'POST /payments HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}';
const stops: (() => void)[] = [];
let tally = createLoadTally();

beforeEach(() => {
  tally = createLoadTally();
});

/** A real server, which counts its connections. */
async function serving(
  answer: RequestListener,
  { keepAliveTimeoutMs = 65_000, requestTimeoutMs = 300_000, requestsPerSocket = 0 } = {},
) {
  const server = createServer(
    {
      keepAliveTimeout: keepAliveTimeoutMs,
      keepAliveTimeoutBuffer: 0,
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 20,
    },
    answer,
  );
  server.maxRequestsPerSocket = requestsPerSocket;
  const open = new Set<Socket>();
  let openedCount = 0;
  server.on('connection', (socket) => {
    openedCount += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    port: (server.address() as AddressInfo).port,
    openedCount: () => openedCount,
    openCount: () => open.size,
  };
}

/** Answers, and counts what it answered. */
function answering() {
  let count = 0;
  const listener: RequestListener = (request, response) => {
    request.resume().on('end', () => {
      count += 1;
      response.writeHead(202, { 'Content-Length': 2 }).end('{}');
    });
  };
  return { listener, count: () => count };
}

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

test('a connection that the server closed while it rested is opened again before the next request', async () => {
  const { listener, count } = answering();
  const server = await serving(listener, { keepAliveTimeoutMs: 50 });
  const connection = await openConnection(server.port, { tally });
  for (let turn = 1; turn <= 3; turn += 1) {
    expect(await connection.send(REQUEST)).toEqual({ status: 202, body: '{}' });
    await waitUntil('the server closed it', () => server.openCount() === 0);
    await sleep(20);
  }
  expect(count()).toBe(3);
  expect(tally).toMatchObject({ reopenedCount: 2, resentCount: 0 });
  connection.close();
});

test('a connection that never carried a request, and was told so and closed by the server, is opened again', async () => {
  const { listener } = answering();
  const server = await serving(listener, { requestTimeoutMs: 500 });
  const connection = await openConnection(server.port, { tally });
  await waitUntil('the server closed it', () => server.openedCount() === 1 && server.openCount() === 0);
  await sleep(20);
  expect(await connection.send(REQUEST)).toEqual({ status: 202, body: '{}' });
  expect(tally.reopenedCount).toBe(1);
  connection.close();
});

test('a connection that the server ends with its answer is opened again for the next request', async () => {
  const { listener, count } = answering();
  const server = await serving(listener, { requestsPerSocket: 1 });
  const connection = await openConnection(server.port, { tally });
  for (let turn = 0; turn < 3; turn += 1) expect((await connection.send(REQUEST)).status).toBe(202);
  expect(count()).toBe(3);
  connection.close();
});

test('a request that met the end of a connection that had rested is sent again, once, and counted', async () => {
  let count = 0;
  const server = await serving((request, response) => {
    count += 1;
    if (count === 2) request.socket.destroy();
    else response.writeHead(202, { 'Content-Length': 2 }).end('{}');
  });
  const connection = await openConnection(server.port, { tally, restedAfterMs: 0 });
  await connection.send(REQUEST);
  await sleep(5);
  expect(await connection.send(REQUEST)).toEqual({ status: 202, body: '{}' });
  expect(tally).toMatchObject({ reopenedCount: 1, resentCount: 1 });
  connection.close();
});

test('a request that meets the end of a connection a second time is an error', async () => {
  const server = await serving((request) => request.socket.destroy());
  const connection = await openConnection(server.port, { tally, restedAfterMs: 0 });
  await expect(connection.send(REQUEST)).rejects.toThrow('the connection was closed before the answer');
  expect(server.openedCount()).toBe(2);
});

test('a connection that breaks under a request while it is busy is an error at once', async () => {
  let count = 0;
  const server = await serving((request, response) => {
    count += 1;
    if (count === 2) request.socket.destroy();
    else response.writeHead(202, { 'Content-Length': 2 }).end('{}');
  });
  const connection = await openConnection(server.port, { tally, restedAfterMs: 60_000 });
  await connection.send(REQUEST);
  await expect(connection.send(REQUEST)).rejects.toThrow('the connection was closed before the answer');
  expect(count).toBe(2);
});

test('an answer that breaks off is an error, however long the connection had rested', async () => {
  const server = await serving((request, response) => {
    response.writeHead(202, { 'Content-Length': 20 });
    response.write('{}', () => setTimeout(() => request.socket.destroy(), 20));
  });
  const connection = await openConnection(server.port, { tally, restedAfterMs: 0 });
  await expect(connection.send(REQUEST)).rejects.toThrow(
    'the connection was closed in the middle of the answer',
  );
  expect(server.openedCount()).toBe(1);
});

test('a server that is gone is an error that says so', async () => {
  const { listener } = answering();
  const server = await serving(listener);
  const connection = await openConnection(server.port, { tally });
  for (const stop of stops.splice(0)) stop();
  await sleep(50);
  await expect(connection.send(REQUEST)).rejects.toThrow('ECONNREFUSED');
});

test('a server that gives no answer is an error after a while', async () => {
  const server = await serving(() => {});
  const connection = await openConnection(server.port, { tally, answerWithinMs: 100 });
  await expect(connection.send(REQUEST)).rejects.toThrow('no answer within 0.1 s');
});
