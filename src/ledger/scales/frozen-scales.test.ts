import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { currencyScale, knownCurrencies } from '../../money/currency.ts';
import { StartError } from '../../process/lifecycle.ts';
import { findSystemAccounts } from '../system-accounts.ts';
import { selectFrozenScales } from './account-scales.sql.ts';
import { findScaleConflicts, requireFrozenScales } from './frozen-scales.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

/** What another version, with another table of currencies, would have left behind. */
async function openedWith(currency: string, scale: number): Promise<void> {
  await database.pool.query(
    `insert into accounts (kind, currency, scale)
     select kind, $1, $2 from unnest('{gateway,fee,equity,suspense}'::text[]) as k (kind)`,
    [currency, scale],
  );
}
const openWallet = async (currency: string, scale: number) => {
  await database.pool.query('insert into users (id) values (1) on conflict do nothing');
  await database.pool.query(
    `insert into accounts (user_id, kind, currency, scale, floor) values (1, 'wallet', $1, $2, 0)`,
    [currency, scale],
  );
};

test('every currency is opened with the scale of the standard, and can be read back by the same version', async () => {
  for (const currency of knownCurrencies()) await findSystemAccounts(database.pool, currency);
  const frozen = await selectFrozenScales(database.pool);
  expect(frozen).toEqual(
    knownCurrencies()
      .toSorted()
      .map((currency) => ({ currency, scale: currencyScale(currency) })),
  );
  await requireFrozenScales(database.pool);
});

test('a process whose table of currencies disagrees does not start, and names the currency and both scales', async () => {
  await openedWith('HUF', 0);
  await openedWith('IQD', 3);
  const starting = requireFrozenScales(database.pool);
  await expect(starting).rejects.toThrow(StartError);
  await expect(starting).rejects.toThrow(
    'Money in HUF is kept with 0 decimals, and this version counts 2. Tollgate does not start',
  );
});

test('money in a currency that this version does not know keeps it from starting', async () => {
  await openedWith('XQQ', 2);
  await expect(requireFrozenScales(database.pool)).rejects.toThrow(
    'Money in XQQ is kept with 2 decimals, and this version does not know the currency.',
  );
});

test('accounts that another version has opened in the meantime are not used', async () => {
  await openedWith('HUF', 0);
  await expect(findSystemAccounts(database.pool, 'HUF')).rejects.toThrow('HUF is kept with 0 decimals');
});

test('a wallet has the scale of its currency, whoever opens it', async () => {
  await openedWith('HUF', 0);
  await expect(openWallet('HUF', 2)).rejects.toThrow('amounts in HUF are kept with 0 decimals, not with 2');
  await openWallet('HUF', 0);
});

test('a wallet is not opened before the system accounts of its currency', async () => {
  await expect(openWallet('HUF', 2)).rejects.toThrow('before the system accounts of HUF');
});

test.each([
  ['the scale', 'scale = 0'],
  ['the currency', `currency = 'JPY'`],
])('%s of an account is never changed', async (_, change) => {
  await openedWith('HUF', 2);
  await openWallet('HUF', 2);
  for (const kind of ['gateway', 'wallet'])
    await expect(
      database.pool.query(`update accounts set ${change} where currency = 'HUF' and kind = '${kind}'`),
    ).rejects.toThrow('keeps the currency and the scale');
});

test('a scale that no currency has is refused', async () => {
  for (const scale of [-1, 5, null])
    await expect(openedWith('HUF', scale as number)).rejects.toThrow(/scale/);
});

test('scales that agree are no conflict', () => {
  expect(
    findScaleConflicts([
      { currency: 'USD', scale: 2 },
      { currency: 'CLF', scale: 4 },
    ]),
  ).toEqual([]);
});
