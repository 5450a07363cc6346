import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { createPool, type Pool } from './database.ts';
import { CommitOutcomeUnknown, inTransaction } from './transaction.ts';

let database: TestDatabase;
let proxiedPool: Pool;
let onClientData: (data: Buffer, cut: { now(): void; afterAnswer(): void }) => 'pass' | 'drop' = () => 'pass';
const sockets = new Set<Socket>();

/** A way to the database that a test can cut just before or just after a COMMIT gets through. */
const proxy = createServer((client) => {
  const target = new URL(database.databaseUrl);
  const upstream = connect(Number(target.port), target.hostname);
  let isSilent = false;
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', end);
  }
  client.on('data', (data) => {
    const verdict = onClientData(data, {
      now: end,
      afterAnswer: () => {
        isSilent = true;
      },
    });
    if (verdict === 'pass') upstream.write(data);
  });
  upstream.on('data', (data) => {
    if (isSilent) end();
    else client.write(data);
  });
});

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('create table notes (text text primary key)');
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = Object.assign(new URL(database.databaseUrl), {
    port: String((proxy.address() as AddressInfo).port),
  }).toString();
  proxiedPool = createPool(url, testConfig(), 'proxied', () => {});
});
afterEach(() => {
  onClientData = () => 'pass';
});
afterAll(async () => {
  await proxiedPool.end();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
  await database.close();
});

const write = (text: string, readBackMs = 2000) =>
  inTransaction(
    proxiedPool,
    async (transaction) => {
      await transaction.query('insert into notes values ($1)', [text]);
      return 'written';
    },
    { readBackMs },
  );
async function isWritten(text: string): Promise<boolean> {
  const { rowCount } = await database.pool.query('select from notes where text = $1', [text]);
  return rowCount === 1;
}
const isCommit = (data: Buffer) => data.includes('commit');

test('a commit whose answer is lost is found out to have happened', async () => {
  let cutCount = 0;
  onClientData = (data, cut) => {
    if (isCommit(data) && cutCount === 0) {
      cutCount += 1;
      cut.afterAnswer();
    }
    return 'pass';
  };
  expect(await write('answer lost')).toBe('written');
  expect(cutCount).toBe(1);
  expect(await isWritten('answer lost')).toBe(true);
});

test('a commit that never arrived is an error, and nothing was written', async () => {
  onClientData = (data, cut) => {
    if (!isCommit(data)) return 'pass';
    cut.now();
    return 'drop';
  };
  await expect(write('never arrived')).rejects.not.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('never arrived')).toBe(false);
});

test('a commit that cannot be asked about is reported as unknown', async () => {
  let isCut = false;
  onClientData = (data, cut) => {
    if (isCommit(data)) {
      isCut = true;
      cut.afterAnswer();
      return 'pass';
    }
    if (isCut) cut.now();
    return isCut ? 'drop' : 'pass';
  };
  await expect(write('unknown', 300)).rejects.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('unknown')).toBe(true);
});

test('an error of the work rolls back, and the connection serves the next transaction', async () => {
  await expect(
    inTransaction(proxiedPool, async (transaction) => {
      await transaction.query("insert into notes values ('rolled back')");
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await isWritten('rolled back')).toBe(false);
  expect(await write('next')).toBe('written');
});
