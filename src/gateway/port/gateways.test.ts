import { createGatewaysFile } from '../../../test/support/gateways-file.ts';
import { parseConfig } from '../../process/settings/config.ts';
import { removeSecrets } from '../../telemetry/remove-secrets.ts';
import { readBookAccess, readGatewayAccess } from './gateway-access.ts';
import { chooseByCurrency, ofGatewaySettings, readGateways } from './gateways.ts';
import { requireOwnSecrets } from './require-own-secrets.ts';

const file = createGatewaysFile();
afterAll(() => file.remove());

const FIRST = {
  PAYMENT_GATEWAY_URL: 'https://first.example/v1',
  GATEWAY_AUTHORIZATION: 'Bearer first-secret',
  GATEWAY_HEADERS: '{"X-Merchant":"first-secret"}',
  GATEWAY_CALLBACK_SECRET: 'the secret of the first one',
  GATEWAY_TIMEOUT_SECONDS: '7',
  GATEWAY_MAX_ATTEMPTS: '9',
};

function read(described: object | string, settings: Record<string, string> = FIRST) {
  file.write(described);
  return readGateways(parseConfig({ ...settings, GATEWAYS_FILE: file.file }));
}
function settingsOf(described: object, settings: Record<string, string> = FIRST) {
  const gateway = read({ bank: { currencies: ['EUR'], ...described } }, settings)[1];
  if (!gateway) throw new Error('no gateway');
  return gateway.config.gateway;
}

test('without a file, one gateway serves every currency', () => {
  const gateways = readGateways(parseConfig(FIRST));
  expect(gateways.map(({ name, gatewayName }) => [name, gatewayName])).toEqual([['default', null]]);
  expect(chooseByCurrency(gateways)({ currency: 'EUR' })).toBeNull();
});

test('a payment goes to the gateway that names its currency, and otherwise to the one without a name', () => {
  const gateways = read({
    bank: { currencies: ['EUR', 'SEK'] },
    old: { currencies: [] },
    yen: { currencies: ['JPY'] },
  });
  const gatewayFor = chooseByCurrency(gateways);
  expect(['USD', 'EUR', 'SEK', 'JPY'].map((currency) => gatewayFor({ currency }))).toEqual([
    null,
    'bank',
    'bank',
    'yen',
  ]);
  expect(gateways.map(({ name }) => name)).toEqual(['default', 'bank', 'old', 'yen']);
});

describe('what the file does not say', () => {
  test('is as it is for the first gateway', () => {
    expect(
      settingsOf({ PAYMENT_GATEWAY_URL: 'https://bank.example', GATEWAY_MAX_ATTEMPTS: 2 }),
    ).toMatchObject({
      url: 'https://bank.example',
      timeoutMs: 7000,
      maxAttempts: 2,
    });
  });

  test('is no credential that was given for another host', () => {
    const settings = settingsOf({ PAYMENT_GATEWAY_URL: 'https://bank.example' });
    expect(settings).toMatchObject({ authorization: undefined, headers: {} });
    expect(JSON.stringify(settings)).not.toContain('first-secret');
  });

  test('is the same credential on the same host', () => {
    expect(settingsOf({ PAYMENT_GATEWAY_URL: 'https://first.example/eur' })).toMatchObject({
      authorization: 'Bearer first-secret',
      headers: { 'x-merchant': 'first-secret' },
    });
  });

  test('is the same user on the same host', () => {
    const first = { PAYMENT_GATEWAY_URL: 'https://shop:pw@first.example/v1' };
    const settings = settingsOf({ PAYMENT_GATEWAY_URL: 'https://first.example/eur' }, first);
    expect(settings.url).toBe('https://shop:pw@first.example/eur');
    expect(settingsOf({ PAYMENT_GATEWAY_URL: 'https://bank.example' }, first).url).toBe(
      'https://bank.example',
    );
  });

  test('is never the secret of callbacks, which says who signed', () => {
    expect(settingsOf({}).callbackSecrets).toBeUndefined();
  });

  test('is not the book of another address', () => {
    const withBook = { ...FIRST, GATEWAY_BOOK_URL: 'https://first.example/all-books' };
    const own = read(
      { bank: { currencies: ['EUR'], PAYMENT_GATEWAY_URL: 'https://bank.example/v2' } },
      withBook,
    )[1];
    expect(own && readBookAccess(own.config).baseUrl).toBe('https://bank.example/v2/book/export');
    const same = read({ bank: { currencies: ['EUR'], GATEWAY_AUTHORIZATION: 'Bearer b' } }, withBook)[1];
    expect(same && readBookAccess(same.config).baseUrl).toBe('https://first.example/all-books');
  });

  test.each([
    [{ GATEWAY_AUTHORIZATION: 'Bearer own' }, 'Bearer own'],
    [
      { PAYMENT_GATEWAY_URL: 'https://own:pw@first.example' },
      `Basic ${Buffer.from('own:pw').toString('base64')}`,
    ],
  ])('does not contradict what it says: %j', (described, sent) => {
    const withUser = {
      ...FIRST,
      GATEWAY_AUTHORIZATION: '',
      PAYMENT_GATEWAY_URL: 'https://shop:pw@first.example',
    };
    for (const first of [FIRST, withUser]) {
      const gateway = read({ bank: { currencies: ['EUR'], ...described } }, first)[1];
      expect(gateway && readGatewayAccess(gateway.config).headers.authorization).toBe(sent);
    }
  });
});

test('a currency that was retired stays with the gateway that pays out what wallets still hold of it', () => {
  const gateways = read({
    bank: { currencies: ['BGN', 'HRK'], PAYMENT_GATEWAY_URL: 'https://bank.example' },
  });
  const gatewayOf = chooseByCurrency(gateways);
  expect(['BGN', 'HRK', 'EUR'].map((currency) => gatewayOf({ currency }))).toEqual(['bank', 'bank', null]);
});

test('headers and mappings may be written as the objects that they are', () => {
  expect(
    settingsOf({
      GATEWAY_HEADERS: { 'X-Api-Key': 'k' },
      GATEWAY_ANSWER_MAPPING: { status_field: 'data.state' },
    }),
  ).toMatchObject({ headers: { 'x-api-key': 'k' }, answerMapping: { statusField: ['data', 'state'] } });
});

test.each([
  ['not JSON', 'bank: s3cret', /must contain a JSON object/],
  ['a list', [], /must contain a JSON object/],
  ['the same name twice', '{"bank":{"currencies":[]},"bank":{"currencies":[]}}', /has bank twice/],
  [
    'the name of the first one',
    { default: { currencies: [] } },
    /default: this is the name of the gateway of PAYMENT_GATEWAY_URL/,
  ],
  ['a name with capitals', { Bank: { currencies: [] } }, /Bank: a name must be/],
  ['a name that is too long', { ['b'.repeat(33)]: { currencies: [] } }, /a name must be/],
  ['no object', { bank: 's3cret' }, /bank must be an object/],
  ['no currencies', { bank: {} }, /bank\.currencies must be a list/],
  ['one currency that is no list', { bank: { currencies: 'EUR' } }, /bank\.currencies must be a list/],
  ['an unknown currency', { bank: { currencies: ['EUX'] } }, /bank\.currencies: each must not be EUX/],
  ['gold', { bank: { currencies: ['XAU'] } }, /bank\.currencies: each must not be XAU/],
  [
    'a currency in small letters',
    { bank: { currencies: ['eur'] } },
    /bank\.currencies: each must be three capital letters/,
  ],
  ['a currency twice', { bank: { currencies: ['EUR', 'EUR'] } }, /bank\.currencies names EUR twice/],
  [
    'a currency of two',
    { bank: { currencies: ['EUR'] }, other: { currencies: ['EUR'] } },
    /other\.currencies names EUR, which bank has/,
  ],
  [
    'an old address that is none',
    { bank: { currencies: [], moved_from: 's3cret' } },
    /bank\.moved_from must be the address/,
  ],
  [
    'a setting with a typo',
    { bank: { currencies: [], GATEWAY_AUTHORISATION: 's3cret' } },
    /bank: GATEWAY_AUTHORISATION is not a setting of a gateway\. Did you mean GATEWAY_AUTHORIZATION\?/,
  ],
  [
    'a setting of something else',
    { bank: { currencies: [], DATABASE_URL: 's3cret' } },
    /bank: DATABASE_URL is not a setting of a gateway/,
  ],
  [
    'an address that is none',
    { bank: { currencies: [], PAYMENT_GATEWAY_URL: 's3cret' } },
    /bank\.PAYMENT_GATEWAY_URL must be a URL/,
  ],
  [
    'a number out of its bounds',
    { bank: { currencies: [], GATEWAY_TIMEOUT_SECONDS: 0 } },
    /bank\.GATEWAY_TIMEOUT_SECONDS must be/,
  ],
  [
    'an empty value',
    { bank: { currencies: [], GATEWAY_AUTHORIZATION: '' } },
    /bank\.GATEWAY_AUTHORIZATION must not be empty/,
  ],
  [
    'null',
    { bank: { currencies: [], GATEWAY_AUTHORIZATION: null } },
    /bank\.GATEWAY_AUTHORIZATION must be text/,
  ],
  [
    'a space at its end',
    { bank: { currencies: [], GATEWAY_AUTHORIZATION: 's3cret ' } },
    /bank\.GATEWAY_AUTHORIZATION must not begin or end/,
  ],
  [
    'a short secret',
    { bank: { currencies: [], GATEWAY_CALLBACK_SECRET: 's3cret' } },
    /bank\.GATEWAY_CALLBACK_SECRET must be one secret/,
  ],
])('%s is refused with its place, and no value is shown', (_, described, message) => {
  expect(() => read(described)).toThrow(message);
  expect(() => read(described)).toThrow(/^GATEWAYS_FILE: /);
  expect(() => read(described)).not.toThrow(/s3cret/);
});

test('a file that is not there is refused', () => {
  expect(() => readGateways(parseConfig({ ...FIRST, GATEWAYS_FILE: '/nowhere/gateways.json' }))).toThrow(
    'GATEWAYS_FILE cannot be read (ENOENT)',
  );
});

test('two gateways with a secret in common are refused, because it says which of them signed', () => {
  const secret = FIRST.GATEWAY_CALLBACK_SECRET;
  expect(() =>
    requireOwnSecrets(read({ bank: { currencies: [], GATEWAY_CALLBACK_SECRET: secret } })),
  ).toThrow('GATEWAYS_FILE: bank.GATEWAY_CALLBACK_SECRET must differ from that of default');
  const one = 'the secret of the bank';
  expect(() =>
    requireOwnSecrets(
      read({
        bank: { currencies: [], GATEWAY_CALLBACK_SECRET: `${one},another secret of it` },
        yen: { currencies: [], GATEWAY_CALLBACK_SECRET: `the newer secret of yen,${one}` },
      }),
    ),
  ).toThrow(/yen\.GATEWAY_CALLBACK_SECRET must differ from that of bank/);
});

test('settings of one gateway that contradict each other are refused with its name', () => {
  const bank = read({ bank: { currencies: [], GATEWAY_CLIENT_CERT_FILE: '/a.pem' } })[1];
  if (!bank) throw new Error('no gateway');
  expect(() => ofGatewaySettings(bank, readGatewayAccess)).toThrow(
    /^GATEWAYS_FILE, gateway bank: GATEWAY_CLIENT_CERT_FILE and GATEWAY_CLIENT_KEY_FILE belong together/,
  );
  const plain = { bank: { currencies: [], PAYMENT_GATEWAY_URL: 'http://bank.example' } };
  const inProduction = read(plain, { ...FIRST, APP_ENV: 'production' })[1];
  if (!inProduction) throw new Error('no gateway');
  expect(() => ofGatewaySettings(inProduction, readGatewayAccess)).toThrow(
    /gateway bank: PAYMENT_GATEWAY_URL must be a URL that begins with https/,
  );
});

test('whoever logs a gateway with its settings logs no secret of it', () => {
  const gateways = read({
    bank: {
      currencies: ['EUR'],
      PAYMENT_GATEWAY_URL: 'https://shop:s3cret@bank.example/?key=s3cret',
      GATEWAY_BOOK_URL: 'https://bank.example/book?key=s3cret',
      GATEWAY_HEADERS: { 'X-Api-Key': 's3cret' },
      GATEWAY_CLIENT_KEY_PASSPHRASE: 's3cret',
      GATEWAY_CALLBACK_SECRET: 's3cret of the bank at least',
    },
    yen: { currencies: ['JPY'], GATEWAY_AUTHORIZATION: 'Bearer s3cret' },
  });
  const logged = JSON.stringify(removeSecrets({ event: 'x', gateways }), (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  expect(logged).toContain('bank');
  expect(logged).not.toMatch(/s3cret|first-secret|the secret of/);
});
