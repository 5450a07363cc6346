import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { prepareRunningRole } from './running-role.ts';

let database: TestDatabase;
let running: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  running = new pg.Client({ connectionString: database.databaseUrl });
  await running.connect();
});
afterAll(async () => {
  await running.end();
  await database.close();
});

const refused = { code: '42501' };

test.each([
  'update ledger_entries set amount = amount + 1',
  'delete from ledger_entries',
  'truncate ledger_entries',
  'update ledger_transactions set step = step',
  'delete from ledger_transactions',
  'update users set created_at = now()',
  'delete from users',
  'delete from accounts',
  'update accounts set floor = -1000',
  'update accounts set user_id = 1',
  "update accounts set currency = 'EUR'",
  'delete from payments',
  'update payments set fee = fee + 1',
  'update payments set amount = amount + 1',
  "update payments set currency = 'EUR'",
  'update payments set wallet_id = 1',
  'update payments set user_id = 1',
  "update payments set type = 'withdraw'",
  "update payments set reference = 'another'",
  'update payments set wallet_pays_fee = false',
  'update payments set refund_of = 1',
  'update payments set redrive_of = 1',
  "update payments set gateway = 'another'",
  'update payments set created_at = now()',
  'insert into payments select * from payments on conflict (id) do update set fee = 1',
  'select id from wallet_transfers for update',
  'select amount from ledger_entries for key share',
  'update payment_tasks set payment_id = payment_id',
  "update payment_tasks set gateway = 'another'",
  'update payment_attempts set started_at = now()',
  "update payment_attempts set worker = 'another'",
  "update payment_inquiry_answers set answer = 'not_found'",
  'update payment_inquiries set payment_id = payment_id',
  'update payment_dlq set payment_id = payment_id',
  "update gateway_events set status = 'refused'",
  "update gateway_events set raw_body = '{}'",
  "update gateway_events set amount = '1'",
  "update idempotency_keys set fingerprint = ''",
  'update idempotency_keys set resource_id = 1',
  'update idempotency_keys set response_status = 200',
  "update accounts set name = 'another'",
  'update holds set amount_minor = 1',
  'update conversion_quotes set user_id = 1',
  'update conversion_quotes set from_amount = 1',
  'update conversion_quotes set spread_amount = 0',
  'update conversion_quotes set token = gen_random_uuid()',
  "update reconciliation_differences set theirs = '{}'",
  'update reconciliation_differences set payment_id = 1',
  "update reconciliation_reports set gateway = 'another'",
  'update bulk_redrives set per_second = 100',
  "update integrity_violations set rule = 'another'",
  "update claim_pauses set reason = 'another'",
  'update wallet_transfers set fee = 0',
  'delete from order_holds',
  'truncate order_holds',
  'update order_holds set amount_minor = amount_minor + 1',
  'update order_holds set expires_at = now()',
  'update order_holds set wallet_id = 1',
  "update order_holds set order_id = 'another'",
  'alter table order_holds disable trigger order_holds_end_for_good',
  'update conversion_quotes set to_amount = to_amount + 1',
  'update conversion_quotes set expires_at = now()',
  'update wallet_transfers set amount = amount + 1',
  'delete from payment_dlq',
  'delete from idempotency_keys',
  'delete from payment_resolutions',
  'update fee_schedule set percent = 1',
  'delete from fee_schedule',
  "update fee_changes set reason = 'x'",
  'delete from fee_changes',
  'update payment_resolutions set payment_id = payment_id',
  'alter table ledger_entries disable trigger all',
  'alter table ledger_entries disable trigger ledger_entries_append_only',
  'drop trigger ledger_entries_append_only on ledger_entries',
  'set session_replication_role = replica',
  'alter table accounts drop constraint accounts_overdraft',
  'drop table payments',
  'create table mine (id int)',
  'create function mine() returns int language sql return 1',
  "create or replace function forbid_change() returns trigger language plpgsql as 'begin return null; end'",
  'update schema_migrations set name = name',
  'grant update on ledger_entries to tollgate_app',
  'set role tollgate',
  'create role another superuser',
])('the role that runs may not: %s', async (statement) => {
  // The owner's `grant` of what one does not have is a warning; it is the effect that counts.
  if (statement.startsWith('grant')) await running.query(statement).catch(() => {});
  await expect(
    running.query(statement.startsWith('grant') ? 'update ledger_entries set amount = 1' : statement),
  ).rejects.toMatchObject(refused);
});

test('the role may delete nothing that triggers keep, except what retention prunes', async () => {
  const { rows } = await database.pool.query(`
    select distinct relation.relname as "table",
           has_table_privilege('tollgate_app', relation.oid, 'delete') as "mayDelete",
           has_table_privilege('tollgate_app', relation.oid, 'truncate') as "mayTruncate"
    from pg_trigger as trigger
    join pg_class as relation on relation.oid = trigger.tgrelid
    join pg_proc as function on function.oid = trigger.tgfoid
    where function.proname = 'forbid_change' and trigger.tgtype & 8 = 8`);
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter(({ mayDelete, mayTruncate }) => mayDelete || mayTruncate)).toEqual([]);
});

test('it owns nothing, and a second preparation changes nothing', async () => {
  const privileges = async () =>
    (
      await database.pool.query(`
      select table_schema, table_name, '' as column_name, privilege_type from information_schema.role_table_grants
      where grantee = 'tollgate_app'
      union all
      select table_schema, table_name, column_name, privilege_type from information_schema.role_column_grants
      where grantee = 'tollgate_app'
      order by 1, 2, 3, 4`)
    ).rows;
  const before = await privileges();
  await prepareRunningRole({ ownerUrl: database.ownerUrl, runningUrl: database.databaseUrl });
  expect(await privileges()).toEqual(before);
  const { rows } = await database.pool.query(
    "select relname from pg_class where relowner = 'tollgate_app'::regrole",
  );
  expect(rows).toEqual([]);
});

test('rights that it had before are taken away', async () => {
  await database.pool.query('grant update, truncate on ledger_entries to tollgate_app');
  await database.pool.query('grant update on payments to tollgate_app');
  await database.pool.query('grant update (amount_minor) on order_holds to tollgate_app');
  await prepareRunningRole({ ownerUrl: database.ownerUrl, runningUrl: database.databaseUrl });
  await expect(running.query('truncate ledger_entries')).rejects.toMatchObject(refused);
  await expect(running.query('update ledger_entries set amount = 1')).rejects.toMatchObject(refused);
  await expect(running.query('update payments set fee = 1')).rejects.toMatchObject(refused);
  await expect(running.query('update order_holds set amount_minor = 1')).rejects.toMatchObject(refused);
});

test("a missing role is created with the password of its address, which does not reach the server's log", async () => {
  const runningUrl = new URL(database.databaseUrl);
  runningUrl.username = `runs_${process.pid}`;
  runningUrl.password = encodeURIComponent('p@ss w/rd:#');
  await prepareRunningRole({ ownerUrl: database.ownerUrl, runningUrl: runningUrl.toString() });
  const client = new pg.Client({ connectionString: runningUrl.toString() });
  await client.connect();
  expect((await client.query('select count(*)::int as count from payments')).rows).toEqual([{ count: 0 }]);
  await client.end();
  await database.pool.query(`drop owned by ${runningUrl.username}; drop role ${runningUrl.username}`);
});

test('a superuser is refused as the running role', async () => {
  await database.pool.query(`create role "runs as root" login superuser password 'x'`);
  const runningUrl = new URL(database.databaseUrl);
  runningUrl.username = encodeURIComponent('runs as root');
  await expect(
    prepareRunningRole({ ownerUrl: database.ownerUrl, runningUrl: runningUrl.toString() }),
  ).rejects.toThrow(/runs as root of DATABASE_URL is a superuser/);
  await database.pool.query('drop role "runs as root"');
});
