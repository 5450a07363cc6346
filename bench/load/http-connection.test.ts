import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from './http-connection.ts';
import { createLoadTally } from './load-tally.ts';

const servers: Server[] = [];

/** A server that answers every request with these pieces, each in a packet of its own. */
async function answeringWith(pieces: readonly (string | Buffer)[]): Promise<number> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await sleep(5);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const BODY = '{"amount":"é"}';

test('an answer in one piece is read with its status and body, again and again on one connection', async () => {
  const port = await answeringWith([
    `HTTP/1.1 202 Accepted\r\nContent-Length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`,
  ]);
  const connection = await openConnection(port, { tally: createLoadTally() });
  for (let count = 0; count < 3; count += 1) {
    expect(await connection.send('request')).toEqual({ status: 202, body: BODY });
  }
  connection.close();
});

test('an answer that comes in pieces is put together, even when a character is cut in two', async () => {
  const body = Buffer.from(BODY);
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n`;
  const cut = body.indexOf('é') + 1;
  const port = await answeringWith([head, '\r\n', body.subarray(0, cut), body.subarray(cut)]);
  const connection = await openConnection(port, { tally: createLoadTally() });
  expect(await connection.send('request')).toEqual({ status: 200, body: BODY });
  connection.close();
});

test.each([
  ['says no length', 'HTTP/1.1 200 OK\r\n\r\n{}', 'without Content-Length'],
  ['is longer than it says', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}', 'more than was asked for'],
])('an answer that %s is an error', async (_, answer, message) => {
  const connection = await openConnection(await answeringWith([answer]), { tally: createLoadTally() });
  await expect(connection.send('request')).rejects.toThrow(message);
});

test('a connection that is closed under a request is an error', async () => {
  const server = createServer((socket) => {
    socket.on('data', () => socket.end());
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const connection = await openConnection((server.address() as AddressInfo).port, {
    tally: createLoadTally(),
  });
  await expect(connection.send('request')).rejects.toThrow('the connection was closed before the answer');
});
