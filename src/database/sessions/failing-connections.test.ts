import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { endAbruptly, failWith } from '../../../test/support/failing-sessions.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { classifyDatabaseError, type DatabaseErrorKind } from '../transactions/classify-database-error.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Connects with other options than usual, and gives the error. */
async function failToConnect(changes: (url: URL) => void, options: pg.ClientConfig = {}): Promise<unknown> {
  const url = new URL(database.ownerUrl);
  changes(url);
  const client = new pg.Client({ connectionString: url.toString(), ...options });
  client.on('error', () => {});
  try {
    await client.connect();
    return new Error('nothing failed');
  } catch (error) {
    return error;
  } finally {
    endAbruptly(client);
  }
}

describe('a connection', () => {
  /** Something that listens, does to whoever connects what it is told, and ends with the work. */
  async function besideServer(
    onConnection: (socket: Socket) => void,
    work: (port: number) => Promise<unknown>,
  ): Promise<unknown> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await work((server.address() as AddressInfo).port);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  test.each<[string, () => Promise<unknown>, DatabaseErrorKind]>([
    [
      'with a password that is wrong',
      () => failToConnect((url) => (url.password = 'wrong')),
      'access_refused',
    ],
    ['without the password', () => failToConnect((url) => (url.password = '')), 'access_refused'],
    [
      'as a role that is not there',
      () => failToConnect((url) => (url.username = 'nobody')),
      'access_refused',
    ],
    [
      'to a database that is not there',
      () => failToConnect((url) => (url.pathname = '/none')),
      'access_refused',
    ],
    [
      'with TLS to a server that has none',
      () => failToConnect(() => {}, { ssl: { rejectUnauthorized: false } }),
      'access_refused',
    ],
    [
      'of a role that has all it may have',
      async () => {
        await database.pool.query(`create role crowd login password 'crowd' connection limit 0`);
        try {
          return await failToConnect((url) => Object.assign(url, { username: 'crowd', password: 'crowd' }));
        } finally {
          await database.pool.query('drop role crowd');
        }
      },
      'connection',
    ],
    [
      'to a port where nothing listens',
      async () => {
        const port = (await besideServer(
          () => {},
          async (listening) => listening,
        )) as number;
        return await failToConnect((url) => Object.assign(url, { port }));
      },
      'connection',
    ],
    [
      'to a name that nobody knows',
      () => failToConnect((url) => (url.hostname = 'tollgate.invalid')),
      'connection',
    ],
    [
      'through a socket that no server has open',
      () => failToConnect(() => {}, { connectionString: undefined, host: '/nonexistent' } as pg.ClientConfig),
      'connection',
    ],
    [
      'to something that hangs up',
      () =>
        besideServer(
          (socket) => socket.destroy(),
          (port) => failToConnect((url) => Object.assign(url, { port })),
        ),
      'connection',
    ],
    [
      'to something that says nothing',
      () =>
        besideServer(
          () => {},
          (port) => failToConnect((url) => Object.assign(url, { port }), { connectionTimeoutMillis: 20 }),
        ),
      'connection',
    ],
    [
      'that was closed',
      () =>
        failWith(database.ownerUrl, async (session) => {
          await session.end();
          await session.query('select 1');
        }),
      'connection',
    ],
    [
      'of a pool that was closed',
      async () => {
        const pool = new pg.Pool({ connectionString: database.ownerUrl });
        await pool.end();
        return await pool.query('select 1').catch((error) => error);
      },
      'connection',
    ],
    [
      'of a pool that has none left',
      async () => {
        const pool = new pg.Pool({
          connectionString: database.ownerUrl,
          max: 1,
          connectionTimeoutMillis: 1000,
        });
        const taken = await pool.connect();
        try {
          return await pool.query('select 1').catch((error) => error);
        } finally {
          taken.release();
          await pool.end();
        }
      },
      'connection',
    ],
    [
      'on which no answer comes',
      async () => {
        const client = new pg.Client({ connectionString: database.ownerUrl, query_timeout: 20 });
        client.on('error', () => {});
        await client.connect();
        try {
          return await client.query('select pg_sleep(30)').catch((error) => error);
        } finally {
          await database.pool.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where query = 'select pg_sleep(30)' and datname = current_database()`,
          );
          await client.end();
        }
      },
      'timeout',
    ],
  ])('%s', async (_what, fail, kind) => {
    const error = await fail();
    expect([(error as Error).message, classifyDatabaseError(error)]).toEqual([
      expect.any(String),
      expect.objectContaining({ kind, isUnavailable: true }),
    ]);
  });
});
