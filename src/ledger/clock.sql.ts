import type { Queryable, Transaction } from '../database/database.ts';

/** Where the server's transaction ids are, with the offset of the ledger's clock. */
export interface Horizon {
  /** Every transaction below it has ended. */
  readonly below: bigint;
  /** The next transaction id that will be handed out, at the earliest. */
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

/** What the ledger remembers of the server that it was on, and where this one's transaction ids are. */
export interface ClockFacts {
  /** Of the server that the ledger's ids are from; null while nobody could read it. */
  readonly storedIdentifier: bigint | null;
  /** Of this server; null when this role may not read it. */
  readonly identifier: bigint | null;
  readonly next: bigint;
  /** The highest of all marks below which entries count as folded or checked. */
  readonly markedBelow: bigint;
}

/** Reads the clock; undefined when the database has not had the migration that brings it. */
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
 * What says whether the ledger is at home, in two quick steps: it is read by every new session. Of the marks it takes the check's, which is
 * one row. Undefined when the database has not had the migration that brings the clock.
 */
export async function readHomeFacts(queryable: Queryable): Promise<ClockFacts | undefined> {
  // Asked first: tables and rights are looked for before anything of a statement runs.
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

/** What a server is called from its first day on, and every physical copy of it; null when this role may not read it. */
export async function readSystemIdentifier(queryable: Queryable): Promise<bigint | null> {
  // Asked first: the right to call a function is checked before anything of the statement runs.
  const { rows: rights } = await queryable.query<{ mayRead: boolean }>(
    `select has_function_privilege('pg_control_system()', 'execute') as "mayRead"`,
  );
  if (!rights[0]?.mayRead) return null;
  const { rows } = await queryable.query<{ identifier: bigint }>(
    'select system_identifier as identifier from pg_control_system()',
  );
  return rows[0]?.identifier ?? null;
}

/** Remembers the server, unless one is remembered. */
export async function rememberServer(queryable: Queryable, identifier: bigint): Promise<void> {
  await queryable.query('update ledger_clock set system_identifier = $1 where system_identifier is null', [
    identifier,
  ]);
}
