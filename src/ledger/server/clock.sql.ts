import type { Queryable, Transaction } from '../../database/database.ts';

/** The current transaction ids of the server, with the offset of the ledger's clock. */
export interface Horizon {
  /** Every transaction below it has ended. */
  readonly below: bigint;
  /** The next transaction id, or an earlier one. */
  readonly next: bigint;
  readonly at: Date;
}

export async function readHorizon(transaction: Transaction): Promise<Horizon> {
  const { rows } = await transaction.query<Horizon>(`
    select pg_snapshot_xmin(snapshot)::text::bigint + clock.xid_offset as below,
           pg_snapshot_xmax(snapshot)::text::bigint + clock.xid_offset as next,
           statement_timestamp() as at
    from ledger_clock as clock, pg_current_snapshot() as snapshot`);
  return rows[0] as Horizon;
}

/** What the ledger recorded about its server, and the transaction ids of the current server. */
export interface ClockFacts {
  /** The identifier of the server that the ledger's transaction ids come from; null if it could not be read yet. */
  readonly storedIdentifier: bigint | null;
  /** The identifier of the current server; null if this role may not read it. */
  readonly identifier: bigint | null;
  readonly next: bigint;
  /** The highest of all marks below which entries count as folded or checked. */
  readonly markedBelow: bigint;
}

/** Reads the clock; undefined if the database lacks the migration that creates it. */
export async function readClock(queryable: Queryable): Promise<ClockFacts | undefined> {
  const { rows: tables } = await queryable.query<{ isThere: boolean }>(
    `select to_regclass('ledger_clock') is not null as "isThere"`,
  );
  if (!tables[0]?.isThere) return undefined;
  const { rows } = await queryable.query<Omit<ClockFacts, 'identifier'>>(`
    select clock.system_identifier as "storedIdentifier",
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint + clock.xid_offset as next,
           greatest((select checked_below from integrity_checkpoint),
                    (select max(folded_below) from accounts where user_id is null)) as "markedBelow"
    from ledger_clock as clock`);
  const facts = rows[0];
  if (!facts) return undefined;
  return { ...facts, identifier: await readSystemIdentifier(queryable) };
}

/**
 * What is needed to decide whether the ledger is on its own server, in two quick steps, because every new session reads it. Of the marks it
 * reads only the check's, which is one row. Undefined if the database lacks the migration that creates the clock.
 */
export async function readServerFacts(queryable: Queryable): Promise<ClockFacts | undefined> {
  // Ask this first: PostgreSQL resolves a statement's tables and rights before it runs any of it.
  const { rows: can } = await queryable.query<{ hasClock: boolean; mayRead: boolean }>(
    `select to_regclass('ledger_clock') is not null as "hasClock",
            has_function_privilege('pg_control_system()', 'execute') as "mayRead"`,
  );
  if (!can[0]?.hasClock) return undefined;
  const { rows } = await queryable.query<ClockFacts>(
    `select clock.system_identifier as "storedIdentifier",
            ${can[0].mayRead ? '(select system_identifier from pg_control_system())' : 'null::bigint'} as identifier,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint + clock.xid_offset as next,
            (select checked_below from integrity_checkpoint) as "markedBelow"
     from ledger_clock as clock`,
  );
  return rows[0];
}

/** The system identifier of a server, which all its physical copies share; null if this role may not read it. */
export async function readSystemIdentifier(queryable: Queryable): Promise<bigint | null> {
  // Ask this first: PostgreSQL checks the right to call a function before it runs any of the statement.
  const { rows: rights } = await queryable.query<{ mayRead: boolean }>(
    `select has_function_privilege('pg_control_system()', 'execute') as "mayRead"`,
  );
  if (!rights[0]?.mayRead) return null;
  const { rows } = await queryable.query<{ identifier: bigint }>(
    'select system_identifier as identifier from pg_control_system()',
  );
  return rows[0]?.identifier ?? null;
}

/** Records the server, unless one is already recorded. */
export async function rememberServer(queryable: Queryable, identifier: bigint): Promise<void> {
  await queryable.query('update ledger_clock set system_identifier = $1 where system_identifier is null', [
    identifier,
  ]);
}
