import path from 'node:path';
import knexFactory, { type Knex } from 'knex';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { migrateToLatest } from '../database/migrate.ts';
import { selectFrozenScales } from './account-scales.sql.ts';
import { findScaleConflicts } from './frozen-scales.ts';

/*
 * Accounts that were opened before an account carried its scale: the migration has to give each the scale that its amounts were stored with.
 */

const MIGRATION = '0011_frozen_scales.ts';
const SYSTEM_KINDS = ['gateway', 'fee', 'equity', 'suspense'];
/** As they were stored with: forints, dinars of Iraq and the like without decimals, as people write prices. */
const STORED: Readonly<Record<string, number>> = {
  JPY: 0,
  KRW: 0,
  CLP: 0,
  VND: 0,
  XOF: 0,
  ISK: 0,
  HUF: 0,
  IQD: 0,
  COP: 0,
  USD: 2,
  EUR: 2,
  GBP: 2,
  CHF: 2,
  MXN: 2,
  XCD: 2,
  BHD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
};

let database: TestDatabase;
let knex: Knex;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(
    'drop schema public cascade; drop schema graphile_worker cascade; create schema public',
  );
  knex = knexFactory({
    client: 'pg',
    connection: database.ownerUrl,
    pool: { min: 0, max: 1 },
    migrations: {
      directory: path.resolve(import.meta.dirname, '..', '..', 'migrations'),
      loadExtensions: ['.ts'],
      tableName: 'schema_migrations',
    },
  });
});
afterAll(async () => {
  await knex.destroy();
  await database.close();
});

async function migrateUpTo(name: string): Promise<void> {
  for (;;) {
    const [, waiting] = (await knex.migrate.list()) as [unknown, { readonly file: string }[]];
    const next = waiting[0]?.file;
    if (next === undefined) throw new Error(`there is no migration ${name}`);
    if (next === name) return;
    await knex.migrate.up();
  }
}

test('accounts that were there before get the scale that their amounts were stored with, and keep their amounts', async () => {
  await migrateUpTo(MIGRATION);
  const { pool } = database;
  await pool.query('insert into users (id) values (1), (2)');
  const currencies = Object.keys(STORED);
  await pool.query(
    `insert into accounts (kind, currency, posted)
     select kind, currency, -12345
     from unnest($1::text[]) as c (currency)
     cross join unnest($2::text[]) as k (kind)`,
    [currencies, SYSTEM_KINDS],
  );
  await pool.query(
    `insert into accounts (user_id, kind, currency, posted, floor)
     select user_id, 'wallet', currency, 12345, 0
     from unnest($1::text[]) as c (currency)
     cross join unnest('{1,2}'::bigint[]) as u (user_id)`,
    [currencies],
  );

  expect((await migrateToLatest(database.ownerUrl))[0]).toBe(MIGRATION);

  const { rows } = await pool.query(
    `select currency, scale, count(*)::int as count, bool_and(abs(posted) = 12345) as "isUnchanged"
     from accounts
     group by currency, scale
     order by currency`,
  );
  expect(rows).toEqual(
    currencies.toSorted().map((currency) => ({
      currency,
      scale: STORED[currency],
      count: SYSTEM_KINDS.length + 2,
      isUnchanged: true,
    })),
  );
});

test('what was opened before is guarded from then on like what is opened later', async () => {
  const { pool } = database;
  for (const currency of ['JPY', 'USD', 'KWD']) {
    const wallet = `insert into accounts (user_id, kind, currency, scale, floor) values ($1, 'wallet', $2, $3, 0)`;
    await pool.query('insert into users (id) values (3) on conflict do nothing');
    await expect(pool.query(wallet, [3, currency, (STORED[currency] as number) + 1])).rejects.toMatchObject({
      code: '23514',
    });
    await pool.query(wallet, [3, currency, STORED[currency]]);
    await expect(
      pool.query('update accounts set scale = scale + 1 where currency = $1', [currency]),
    ).rejects.toMatchObject({ code: '23514' });
  }
});

test('where the standard disagrees with what was stored, a process that starts is told so', async () => {
  const conflicts = findScaleConflicts(await selectFrozenScales(database.pool));
  expect(conflicts.map((sentence) => /[A-Z]{3}/.exec(sentence)?.[0]).toSorted()).toEqual([
    'COP',
    'HUF',
    'IQD',
  ]);
});
