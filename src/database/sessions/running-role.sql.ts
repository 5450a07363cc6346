import type pg from 'pg';
import { CHANGING_COLUMNS } from './changing-columns.ts';

/** Rows that stay: history is never rewritten. Triggers enforce this too, but a right that does not exist cannot be used to get around them. */
const NEVER_DELETED = [
  'users',
  'accounts',
  'ledger_transactions',
  'ledger_entries',
  'wallet_transfers',
  'wallet_state_changes',
  'payments',
  'payment_dlq',
  'payment_resolutions',
  'payment_book_sightings',
  'idempotency_keys',
  'order_holds',
  'fee_schedule',
  'fee_changes',
  'integrity_checkpoint',
  'integrity_account_proofs',
  'ledger_clock',
  'retention_clock',
  'steady_clock',
  'database_history',
  'gateway_addresses',
  'events',
  // Only the function that drops a day writes to it.
  'event_retention',
];
/** Only migrations write to these. */
const READ_ONLY = ['schema_migrations', 'schema_migrations_lock'];

/**
 * Grants a role what running processes need, and revokes everything else: it may not change kept rows, create, truncate or own anything, or
 * disable a trigger. Runs in one transaction of the owner.
 */
export async function grantToRunningRole(owner: pg.Client, role: string): Promise<void> {
  const name = owner.escapeIdentifier(role);
  const list = (tables: readonly string[]) => tables.map((table) => `public.${table}`).join(', ');
  await owner.query(`
    begin;
    revoke all on all tables in schema public from ${name};
    revoke all on schema public from ${name};
    grant usage on schema public to ${name};
    grant select, insert, delete on all tables in schema public to ${name};
    revoke delete on ${list(NEVER_DELETED)} from ${name};
    ${grantsByColumn(name)}
    revoke insert, delete on ${list(READ_ONLY)} from ${name};
    grant usage on all sequences in schema public to ${name};
    grant select on public.events_id_seq to ${name};
    -- Rows of a partitioned table are written through that table, whose rights and triggers count; those of its parts would lead around them.
    do $parts$
    declare
      part regclass;
    begin
      for part in
        select oid from pg_class where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace
      loop
        execute format('revoke insert, update, delete on %s from %s', part, ${owner.escapeLiteral(name)});
      end loop;
    end $parts$;

    grant usage on schema graphile_worker to ${name};
    grant select, insert, update, delete on all tables in schema graphile_worker to ${name};
    grant usage on all sequences in schema graphile_worker to ${name};
    grant execute on all functions in schema graphile_worker to ${name};
    commit`);
  await letThroughRowSecurity(owner, name);
  await grantWhatMayBeMissing(owner, name);
}

/** The server looks a right by column up in memory, once for each column that a statement changes. */
function grantsByColumn(name: string): string {
  return Object.entries(CHANGING_COLUMNS)
    .map(([table, columns]) => `grant update (${columns.join(', ')}) on public.${table} to ${name};`)
    .join('\n    ');
}

/** graphile-worker's tables show rows only to their owner, unless a policy allows others. */
async function letThroughRowSecurity(owner: pg.Client, name: string): Promise<void> {
  const { rows } = await owner.query<{ relation: string }>(`
    select format('%I.%I', schema.nspname, relation.relname) as relation
    from pg_class as relation
    join pg_namespace as schema on schema.oid = relation.relnamespace
    where schema.nspname = 'graphile_worker' and relation.relrowsecurity`);
  for (const { relation } of rows)
    await owner.query(`
      begin;
      drop policy if exists tollgate_runs on ${relation};
      create policy tollgate_runs on ${relation} to ${name} using (true) with check (true);
      commit`);
}

/**
 * Needed to see the age of other sessions' transactions and the server's identifier. An owner who is not a superuser may be unable to grant
 * this; then gauges show less.
 */
async function grantWhatMayBeMissing(owner: pg.Client, name: string): Promise<void> {
  for (const statement of [
    `grant pg_read_all_stats to ${name}`,
    `grant execute on function pg_control_system() to ${name}`,
  ])
    await owner.query(statement).catch((error: { code?: string }) => {
      if (error.code !== '42501') throw error;
    });
}

export async function selectRole(
  owner: pg.Client,
  role: string,
): Promise<{ readonly isSuperuser: boolean; readonly ownsTables: boolean } | undefined> {
  const { rows } = await owner.query(
    `select role.rolsuper as "isSuperuser",
            exists (
              select 1 from pg_class as relation
              where relation.relnamespace = 'public'::regnamespace and pg_has_role(role.oid, relation.relowner, 'usage')
            ) as "ownsTables"
     from pg_roles as role
     where role.rolname = $1`,
    [role],
  );
  return rows[0];
}

/** @param verifier the server's stored form of the password, so that the password itself never appears in its log or statistics. */
export async function createRole(owner: pg.Client, role: string, verifier: string): Promise<void> {
  await owner.query(
    `create role ${owner.escapeIdentifier(role)} login nosuperuser nocreatedb nocreaterole password ${owner.escapeLiteral(verifier)}`,
  );
}

export async function changePassword(owner: pg.Client, role: string, verifier: string): Promise<void> {
  await owner.query(`alter role ${owner.escapeIdentifier(role)} password ${owner.escapeLiteral(verifier)}`);
}
