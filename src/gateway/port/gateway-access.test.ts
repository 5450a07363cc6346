import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import {
  type Certificate,
  canMakeCertificates,
  createAuthority,
} from '../../../test/support/certificates.ts';
import { startProcess, waitForStart } from '../../../test/support/processes.ts';
import { createTestDatabase } from '../../../test/support/test-database.ts';
import { parseConfig } from '../../process/settings/config.ts';
import { bookOptions } from '../../reconciliation/book-options.ts';
import { createAxiosGateway } from '../http/axios-gateway.ts';
import { createAxiosGatewayBook } from '../http/axios-gateway-book.ts';
import { readBookAccess, readGatewayAccess } from './gateway-access.ts';

const accessOf = (settings: Record<string, string>) => readGatewayAccess(parseConfig(settings));
const bookOf = (settings: Record<string, string>) => readBookAccess(parseConfig(settings));
const ADDRESS = 'https://gateway.example/v1';

describe('what the address says', () => {
  test('user and password are sent as basic authentication and never shown', () => {
    const access = accessOf({ PAYMENT_GATEWAY_URL: 'https://shop:p%40ss%2Fw%3A@gateway.example/v1/' });
    expect(access.baseUrl).toBe(ADDRESS);
    expect(access.headers).toEqual({
      authorization: `Basic ${Buffer.from('shop:p@ss/w:').toString('base64')}`,
    });
  });

  test('a query goes with every request', () => {
    expect(accessOf({ PAYMENT_GATEWAY_URL: `${ADDRESS}?key=a/` })).toMatchObject({
      baseUrl: ADDRESS,
      query: '?key=a/',
    });
  });

  test('a fragment is refused, because it would be dropped', () => {
    expect(() => accessOf({ PAYMENT_GATEWAY_URL: `${ADDRESS}#x` })).toThrow(
      /PAYMENT_GATEWAY_URL: must not contain a #/,
    );
  });

  test('two Authorization values cannot be sent', () => {
    const settings = {
      PAYMENT_GATEWAY_URL: 'https://a:secret@g.example',
      GATEWAY_AUTHORIZATION: 'Bearer secret',
    };
    expect(() => accessOf(settings)).toThrow(/GATEWAY_AUTHORIZATION/);
    expect(() => accessOf(settings)).not.toThrow(/secret/);
  });
});

test('a value of Authorization and further headers are sent', () => {
  const GATEWAY_HEADERS = '{"X-Api-Key":"k 1","X-Merchant":"42"}';
  expect(accessOf({ GATEWAY_AUTHORIZATION: 'Bearer abc', GATEWAY_HEADERS }).headers).toEqual({
    authorization: 'Bearer abc',
    'x-api-key': 'k 1',
    'x-merchant': '42',
  });
});

test.each([
  ['GATEWAY_AUTHORIZATION', 'Bearer ä'],
  ['GATEWAY_HEADERS', 'X-Api-Key: s3cret'],
  ['GATEWAY_HEADERS', '["s3cret"]'],
  ['GATEWAY_HEADERS', '{"X-Api-Key":7}'],
  ['GATEWAY_HEADERS', '{"X-Api-Key":"s3cret\\r\\nX: y"}'],
  ['GATEWAY_HEADERS', '{"X Api":"s3cret"}'],
  ['GATEWAY_HEADERS', '{"Idempotency-Key":"s3cret"}'],
  ['GATEWAY_HEADERS', '{"Host":"s3cret"}'],
  ['GATEWAY_HEADERS', '{"Content-Length":"3"}'],
  ['GATEWAY_HEADERS', '{"Authorization":"s3cret"}'],
  ['GATEWAY_HEADERS', '{"X-A":"s3cret","x-a":"s3cret"}'],
])('%s is refused at start as %s, and not shown', (name, value) => {
  expect(() => accessOf({ [name]: value })).toThrow(new RegExp(`^Settings are not valid: ${name}: must`));
  expect(() => accessOf({ [name]: value })).not.toThrow(/s3cret/);
});

describe('in production', () => {
  const production = { APP_ENV: 'production' };

  test.each([{}, { PAYMENT_GATEWAY_URL: 'http://gateway.example' }])(
    'a gateway without TLS is refused: %j',
    (settings) => {
      expect(() => accessOf({ ...production, ...settings })).toThrow(
        /^PAYMENT_GATEWAY_URL must .*https.*GATEWAY_ALLOW_HTTP=true/,
      );
      expect(accessOf({ ...production, ...settings, GATEWAY_ALLOW_HTTP: 'true' }).baseUrl).toMatch(/^http:/);
    },
  );

  test('so is a book without TLS', () => {
    const settings = {
      ...production,
      PAYMENT_GATEWAY_URL: ADDRESS,
      GATEWAY_BOOK_URL: 'http://gateway.example/book',
    };
    expect(() => bookOf(settings)).toThrow(/^GATEWAY_BOOK_URL must/);
  });

  test('an https address is taken', () => {
    expect(accessOf({ ...production, PAYMENT_GATEWAY_URL: ADDRESS }).baseUrl).toBe(ADDRESS);
  });
});

describe('the book', () => {
  const gateway = {
    PAYMENT_GATEWAY_URL: `${ADDRESS}?key=a`,
    GATEWAY_AUTHORIZATION: 'Bearer abc',
    GATEWAY_HEADERS: '{"X-A":"b"}',
  };

  test('is read with the same credentials as the gateway', () => {
    expect(bookOf(gateway)).toEqual({ ...accessOf(gateway), baseUrl: `${ADDRESS}/book/export` });
    expect(bookOf({ ...gateway, GATEWAY_BOOK_URL: 'https://gateway.example/books?x=1' })).toMatchObject({
      query: '?x=1',
      headers: { authorization: 'Bearer abc', 'x-a': 'b' },
    });
  });

  test('of another host does not get the credentials of the gateway', () => {
    expect(bookOf({ ...gateway, GATEWAY_BOOK_URL: 'https://books.example/all' }).headers).toEqual({});
    expect(bookOf({ ...gateway, GATEWAY_BOOK_URL: 'https://u:p@gateway.example/all' }).headers).toEqual({
      authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
      'x-a': 'b',
    });
  });
});

const canMake = canMakeCertificates();
if (!canMake) {
  process.stderr.write(
    'Skipped: a gateway with certificates, because openssl is not installed here (Debian: apt-get install openssl).\n',
  );
}
// Where everything must run, what is missing is a failure.
const suite = canMake || process.env.CI === 'true' ? describe : describe.skip;

suite('a gateway over TLS', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-gateway-tls-'));
  const asked: {
    path: string | undefined;
    headers: IncomingMessage['headers'];
    client: string | undefined;
  }[] = [];
  const closers: (() => void)[] = [];
  let authority: ReturnType<typeof createAuthority>;
  let ours: Certificate;
  let other: Certificate;
  let origin: string;
  let withClients: Record<string, string>;

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const certificate = (request.socket as TLSSocket).getPeerCertificate?.();
    asked.push({ path: request.url, headers: request.headers, client: certificate?.subject?.CN?.toString() });
    response.setHeader('content-type', 'application/json');
    const isBook = request.url?.includes('/book');
    response.end(
      isBook ? '{"end":true,"last_line":0}\n' : '{"status":"succeeded","gateway_reference":"gw-1"}',
    );
  };

  beforeAll(async () => {
    authority = createAuthority(folder);
    const server = authority.issue('127.0.0.1');
    ours = authority.issue('tollgate');
    other = authority.issue('other');
    const gateway = createServer(
      { cert: server.cert, key: server.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
      answer,
    );
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    closers.push(() => gateway.close());
    origin = `https://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    withClients = {
      PAYMENT_GATEWAY_URL: `${origin}/v1`,
      GATEWAY_CA_FILE: authority.certFile,
      GATEWAY_CLIENT_CERT_FILE: ours.certFile,
      GATEWAY_CLIENT_KEY_FILE: ours.keyFile,
    };
  });
  afterEach(() => {
    asked.length = 0;
  });
  afterAll(() => {
    for (const close of closers) close();
    rmSync(folder, { recursive: true });
  });

  async function pay(settings: Record<string, string>) {
    const gateway = createAxiosGateway({
      ...accessOf(settings),
      timeoutMs: 3000,
      maxConnections: 1,
      inquiryRetries: 0,
    });
    const paid = await gateway.pay({
      ...{ reference: '1-abc', paymentId: 1n, userId: 1n, direction: 'deposit' as const },
      ...{ amountMinor: 100n, feeMinor: 2n, currency: 'USD' },
    });
    const asked = await gateway.inquire('1-abc');
    gateway.close();
    return [paid.kind, asked.kind];
  }

  test('gets our certificate, and must present one of the authority that we named', async () => {
    expect(await pay(withClients)).toEqual(['succeeded', 'succeeded']);
    expect(asked.map(({ client }) => client)).toEqual(['tollgate', 'tollgate']);
  });

  test('gets no request if its certificate is from an unknown authority', async () => {
    const { GATEWAY_CA_FILE: _, ...unknown } = withClients;
    expect(await pay(unknown)).not.toContain('succeeded');
    expect(asked).toEqual([]);
  });

  test('gets user, query and headers with payments, inquiries and its book', async () => {
    const settings = {
      ...withClients,
      PAYMENT_GATEWAY_URL: `${origin.replace('https://', 'https://shop:pw@')}/v1?key=k`,
      GATEWAY_HEADERS: '{"X-Merchant":"42"}',
    };
    expect(await pay(settings)).toEqual(['succeeded', 'succeeded']);
    const book = createAxiosGatewayBook(bookOptions(parseConfig(settings)));
    for await (const line of book.read()) expect(line).toBeUndefined();
    expect(asked.map((request) => request.path)).toEqual([
      '/v1/pay?key=k',
      '/v1/pay/1-abc?key=k',
      '/v1/book/export?key=k&after=0',
    ]);
    for (const { headers, client } of asked) {
      expect(headers.authorization).toBe(`Basic ${Buffer.from('shop:pw').toString('base64')}`);
      expect([headers['x-merchant'], client]).toEqual(['42', 'tollgate']);
    }
  });

  test('works without a certificate of ours only if it asks for none', async () => {
    const { GATEWAY_CLIENT_CERT_FILE: _, GATEWAY_CLIENT_KEY_FILE: __, ...without } = withClients;
    expect((await pay(without))[0]).not.toBe('succeeded');
    expect(asked).toEqual([]);
  });

  test.each([
    ['the key of another certificate', () => ({ GATEWAY_CLIENT_KEY_FILE: other.keyFile }), /do not match/],
    ['no key', () => ({ GATEWAY_CLIENT_KEY_FILE: '' }), /belong together/],
    [
      'a file that is not there',
      () => ({ GATEWAY_CA_FILE: `${folder}/none` }),
      /GATEWAY_CA_FILE cannot be read \(ENOENT\)/,
    ],
    [
      'a file that holds no certificate',
      () => ({ GATEWAY_CA_FILE: emptyFile(folder) }),
      /GATEWAY_CA_FILE must contain/,
    ],
    [
      'an address without TLS',
      () => ({ PAYMENT_GATEWAY_URL: 'http://127.0.0.1' }),
      /PAYMENT_GATEWAY_URL must begin with https/,
    ],
  ])('with %s nothing starts', (_what, changes, sentence) => {
    expect(() => accessOf({ ...withClients, ...changes() })).toThrow(sentence);
  });
});

test('a gateway without TLS gets the same headers', async () => {
  let seen: IncomingMessage['headers'] = {};
  const server = createHttpServer((request, response) => {
    seen = request.headers;
    response.setHeader('content-type', 'application/json').end('{"status":"succeeded"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const settings = {
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    GATEWAY_AUTHORIZATION: 'Bearer abc',
  };
  const gateway = createAxiosGateway({ ...accessOf(settings), timeoutMs: 3000, maxConnections: 1 });
  await gateway.inquire('1-abc');
  gateway.close();
  server.close();
  expect(seen.authorization).toBe('Bearer abc');
});

function emptyFile(folder: string): string {
  const file = path.join(folder, 'empty.pem');
  writeFileSync(file, 'nothing');
  return file;
}

test('a worker that starts logs where its gateway is, and no secret', async () => {
  const database = await createTestDatabase();
  const worker = startProcess('worker', {
    DATABASE_URL: database.databaseUrl,
    PAYMENT_GATEWAY_URL: 'http://shop:s3cr%40et@127.0.0.1:1/v1?api_key=s3cret-too',
    GATEWAY_HEADERS: '{"X-Api-Key":"s3cret-as-well"}',
    WORKER_METRICS_PORT: '0',
  });
  expect(await waitForStart(worker)).toMatchObject({ gateway: 'http://127.0.0.1:1/v1' });
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(JSON.stringify(worker.lines)).not.toMatch(/s3cr/);
  await database.close();
});
