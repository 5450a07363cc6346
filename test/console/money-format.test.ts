import { currencyScale, knownCurrencies } from '../../src/money/currency.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;
let formatMoney: (amountMinor: string, currency: string) => string;

/** The console's own file, as a browser gets it, beside the page that it comes with. */
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
  const page = (await api.get('/console/')).text;
  const content = /<meta name="currency-decimals" content="([^"]*)"/.exec(page)?.[1];
  const script = (await api.get('/console/format.ts')).text;
  Object.assign(globalThis, { document: { querySelector: () => ({ content }) } });
  ({ formatMoney } = await import(`data:text/javascript,${encodeURIComponent(script)}`));
});
afterAll(async () => {
  Reflect.deleteProperty(globalThis, 'document');
  await api.stop();
  await database.close();
});

test('the console shows an amount with all the decimals that its currency has, and rounds nothing away', () => {
  const shown = knownCurrencies().map((currency) => [
    currency,
    /\D(\d*)$/.exec(formatMoney(`${10n ** BigInt(currencyScale(currency)) + 1n}`, currency))?.[1],
  ]);
  const smallest = knownCurrencies().map((currency) => {
    const scale = currencyScale(currency);
    return [currency, scale === 0 ? '2' : '1'.padStart(scale, '0')];
  });
  expect(shown).toEqual(smallest);
});

test.each([
  ['1050', 'HUF', '10.50'],
  ['1234567', 'IQD', '1,234.567'],
  ['20000', 'USD', '200.00'],
  ['200', 'JPY', '200'],
  ['0', 'USD', '0.00'],
  ['-5', 'USD', '-0.05'],
  ['9007199254740993123', 'USD', '90,071,992,547,409,931.23'],
])('%s minor units of %s are written as %s', (amountMinor, currency, text) => {
  expect(formatMoney(amountMinor, currency).replace(/\s/u, ' ')).toBe(
    text.startsWith('-') ? `-${currency} ${text.slice(1)}` : `${currency} ${text}`,
  );
});
