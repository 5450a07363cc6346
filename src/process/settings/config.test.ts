import { ConfigError, parseConfig, requireOperatorToken, SETTING_NAMES, SETTING_PLACES } from './config.ts';

test('has the documented defaults, in milliseconds where the name says so', () => {
  expect(parseConfig({})).toMatchObject({
    api: { port: 8000 },
    gatewayMock: { port: 8001 },
    gateway: {
      url: 'http://localhost:8001/mock-gateway',
      timeoutMs: 1000,
      maxAttempts: 3,
      backoffBaseMs: 1000,
      backoffMaxMs: 30_000,
      backoffJitterMs: 500,
    },
    worker: { metricsPort: 8002, pollIntervalMs: 500, leaseMs: 30_000 },
    payments: { feePercent: { numerator: 2n, denominator: 100n } },
    idempotency: { isKeyRequired: false, responseTtlMs: 7 * 86_400_000 },
  });
});

test('every setting has one place in code, and every time there says its unit', () => {
  expect(new Set(SETTING_NAMES).size).toBe(SETTING_NAMES.length);
  const times = SETTING_PLACES.filter(({ name }) => /_(SECONDS|HOURS|DAYS)$/.test(name));
  expect(times.length).toBeGreaterThan(30);
  for (const { field } of times) expect(field).toMatch(/Ms$/);
});

test('takes an empty value as not set', () => {
  expect(parseConfig({ API_PORT: '', DATABASE_URL: '' })).toMatchObject({ api: { port: 8000 } });
});

test.each([
  ['API_PORT', '70000'],
  ['API_PORT', 'http'],
  ['TRANSACTION_FEE', '100'],
  ['TRANSACTION_FEE', 'two'],
  ['PAYMENT_GATEWAY_URL', 'ftp://x'],
  ['PAYMENT_GATEWAY_URL', 'localhost'],
  ['GATEWAY_MAX_ATTEMPTS', '0'],
  ['WORKER_CONCURRENCY', '1.5'],
  ['DEFAULT_CURRENCY', 'usd'],
  ['DEFAULT_CURRENCY', 'XQQ'],
  ['DEFAULT_CURRENCY', 'US'],
  ['IDEMPOTENCY_KEY_REQUIRED', 'yes'],
  ['DATABASE_URL', 'mysql://user:secret@host/db'],
])('refuses %s=%s and names the setting', (name, value) => {
  expect(() => parseConfig({ [name]: value })).toThrow(ConfigError);
  expect(() => parseConfig({ [name]: value })).toThrow(new RegExp(`${name}: `));
});

test.each([
  ['XQQ', 'DEFAULT_CURRENCY: must not be XQQ, which is not an ISO 4217 currency'],
  ['DEM', 'DEFAULT_CURRENCY: must not be DEM, which is not an ISO 4217 currency'],
  ['XAU', 'DEFAULT_CURRENCY: must not be XAU, which is not a currency that people can pay in'],
  ['XXX', 'DEFAULT_CURRENCY: must not be XXX, which is not a currency that people can pay in'],
  ['BGN', 'DEFAULT_CURRENCY: must not be BGN, which was replaced by EUR in 2026'],
  ['ANG', 'DEFAULT_CURRENCY: must not be ANG, which was replaced by XCG in 2025'],
  ['CUC', 'DEFAULT_CURRENCY: must not be CUC, which was replaced by CUP in 2021'],
  ['usd', 'DEFAULT_CURRENCY: must be three capital letters, for example USD'],
])('no wallets are opened in %s', (DEFAULT_CURRENCY, sentence) => {
  expect(() => parseConfig({ DEFAULT_CURRENCY })).toThrow(`Settings are not valid: ${sentence}`);
});

test.each(['JPY', 'HUF', 'KWD', 'CLF', 'XCG', 'UYW'])('wallets may be opened in %s', (DEFAULT_CURRENCY) => {
  expect(parseConfig({ DEFAULT_CURRENCY }).payments.currency).toBe(DEFAULT_CURRENCY);
});

test('names every setting that is not valid, and never a value', () => {
  const parse = () => parseConfig({ DATABASE_URL: 'mysql://user:secret@host/db', API_PORT: 'x' });
  expect(parse).toThrow(/DATABASE_URL: .*API_PORT: |API_PORT: .*DATABASE_URL: /);
  expect(parse).not.toThrow(/secret/);
});

test('failpoints are refused in production', () => {
  const FAILPOINTS = 'settle.before_commit=kill';
  expect(parseConfig({ FAILPOINTS }).service.failpoints).toHaveLength(1);
  expect(() => parseConfig({ FAILPOINTS, APP_ENV: 'production' })).toThrow(/FAILPOINTS: must be empty/);
});

test('a failpoint that does not exist is refused', () => {
  expect(() => parseConfig({ FAILPOINTS: 'settle.sometime=kill' })).toThrow(ConfigError);
});

test('an API in production needs a token for operators, and other processes do not', () => {
  const config = parseConfig({ APP_ENV: 'production' });
  expect(() => requireOperatorToken(config)).toThrow(ConfigError);
  expect(() =>
    requireOperatorToken(parseConfig({ APP_ENV: 'production', OPERATOR_TOKEN: 'x'.repeat(16) })),
  ).not.toThrow();
  expect(() => requireOperatorToken(parseConfig({}))).not.toThrow();
});

test('the port for operators must differ from that of the API', () => {
  expect(() => parseConfig({ OPERATOR_PORT: '8000' })).toThrow(/OPERATOR_PORT: must differ/);
});

test.each(['short', 'with a space in the middle', 'ümlaut-in-the-token'])(
  'refuses the token %s without showing it',
  (token) => {
    const parse = () => parseConfig({ OPERATOR_TOKEN: token });
    expect(parse).toThrow('OPERATOR_TOKEN');
    expect(parse).not.toThrow(token);
  },
);
