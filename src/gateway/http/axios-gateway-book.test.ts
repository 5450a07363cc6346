import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BookLine } from '../port/gateway-book.ts';
import { createAxiosGatewayBook } from './axios-gateway-book.ts';

const text = (line: number, changes: object = {}) =>
  `${JSON.stringify({
    line,
    reference: `${line}-abc`,
    gateway_reference: null,
    type: 'deposit',
    amount_minor: '20000',
    currency: 'USD',
    status: 'succeeded',
    executed_at: '2026-01-01T12:00:00.000Z',
    ...changes,
  })}\n`;
const end = (lastLine: number) => `${JSON.stringify({ end: true, last_line: lastLine })}\n`;

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A gateway that gives these answers one after the other, the last one for ever. */
async function startGateway(...answers: Answer[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers[Math.min(asked.length, answers.length) - 1] as Answer;
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/book/export`, asked };
}

async function read(url: string, changes: object = {}): Promise<BookLine[]> {
  const book = createAxiosGatewayBook({
    url,
    timeoutMs: 30_000,
    maxLines: 1000,
    retryPauseMs: 1,
    ...changes,
  });
  const lines: BookLine[] = [];
  for await (const line of book.read()) lines.push(line);
  return lines;
}

test('a book is read line by line to the line that ends it', async () => {
  const { url } = await startGateway((response) => response.end(text(1) + text(2) + end(2)));
  expect(await read(url)).toMatchObject([
    { line: 1, reference: '1-abc', amountMinor: 20_000n, executedAt: new Date('2026-01-01T12:00:00.000Z') },
    { line: 2 },
  ]);
});

test('an empty book is a book', async () => {
  const { url } = await startGateway((response) => response.end(end(0)));
  expect(await read(url)).toEqual([]);
});

test('a reading that breaks off goes on after the last whole line', async () => {
  const { url, asked } = await startGateway(
    (response) => response.writeHead(503).end(),
    (response) => {
      response.write(text(1) + text(2) + text(3).slice(0, 20));
      // Whole lines that have not been read when the connection ends are read again, so they get the time to be.
      setTimeout(() => response.destroy(), 1000);
    },
    (response) => response.end(text(3)),
    (response) => response.end(end(3)),
  );
  expect((await read(url)).map(({ line }) => line)).toEqual([1, 2, 3]);
  expect(asked).toEqual(
    ['?after=0', '?after=0', '?after=2', '?after=3'].map((query) => `/book/export${query}`),
  );
});

test('a book that never reaches its end is refused', async () => {
  const { url } = await startGateway((response) => response.end());
  await expect(read(url, { retries: 2 })).rejects.toThrow('cannot be read: the export broke off');
});

test('a gateway that goes silent is asked again, until the time is over', async () => {
  const { url, asked } = await startGateway((response) => {
    response.write(asked.length === 1 ? text(1) : '');
  });
  await expect(read(url, { silenceMs: 500, retries: 2 })).rejects.toThrow('cannot be read');
  expect(asked.length).toBeGreaterThanOrEqual(3);
  await expect(read(url, { silenceMs: 60_000, timeoutMs: 500 })).rejects.toThrow('not read in time');
});

test.each([
  ['nonsense', 'no json\n', 'is not JSON'],
  ['an amount that is no whole number', text(1, { amount_minor: '1.5' }), 'amount_minor'],
  ['a status that we do not know', text(1, { status: 'perhaps' }), 'status'],
  ['lines out of order', text(2) + text(1), 'has the number 1'],
  ['an end after a line that did not come', text(1) + end(2), 'ends at line 2'],
  ['a line without an end', 'x'.repeat(70_000), 'too long'],
  ['more lines than we take', text(1) + text(2) + end(2), 'more than 1 lines'],
])('%s is refused at once', async (_, body, message) => {
  const { url, asked } = await startGateway((response) => response.end(body));
  await expect(read(url, { maxLines: message.startsWith('more') ? 1 : 1000 })).rejects.toThrow(message);
  expect(asked).toHaveLength(1);
});

test('a gateway without a book is not asked again', async () => {
  const { url, asked } = await startGateway((response) => response.writeHead(404).end());
  await expect(read(url)).rejects.toThrow('answered 404');
  expect(asked).toHaveLength(1);
});

test('a number in a line is kept as it was written, and text is made storable', async () => {
  const { url } = await startGateway((response) =>
    response.end(
      [
        text(1).replace('"gateway_reference":null', '"gateway_reference":9007199254740993'),
        text(2).replace('"20000"', '2e4').replace('"deposit"', '"withdrawal"'),
        text(3, { gateway_reference: 'a\0\ud83d' }),
        end(3),
      ].join(''),
    ),
  );
  const book = createAxiosGatewayBook({ url, timeoutMs: 5000, maxLines: 10 });
  const lines: BookLine[] = [];
  for await (const line of book.read()) lines.push(line);
  expect(lines).toMatchObject([
    { gatewayReference: '9007199254740993' },
    { amountMinor: 20_000n, type: 'withdraw' },
    { gatewayReference: 'a\ufffd\ufffd' },
  ]);
});

test('a line that has a member twice ends the reading', async () => {
  const { url } = await startGateway((response) =>
    response.end(text(1).replace('"USD"', '"USD","currency":"EUR"') + end(1)),
  );
  const book = createAxiosGatewayBook({ url, timeoutMs: 5000, maxLines: 10 });
  await expect(book.read().next()).rejects.toThrow('"currency" twice');
});
