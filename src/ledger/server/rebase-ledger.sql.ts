import type { Transaction } from '../../database/database.ts';

/** Other connected sessions of this product, or of somebody whose name we may not see. */
export async function selectWriters(
  transaction: Transaction,
  appName: string,
): Promise<{ application: string; count: number }[]> {
  const { rows } = await transaction.query(
    `select coalesce(application_name, 'unknown') as application, count(*)::int as count
     from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
       and (application_name is null or starts_with(application_name, $1 || '-'))
     group by 1
     order by 1`,
    [appName],
  );
  return rows;
}

/**
 * Locks out every writer of the ledger until the transaction ends, but lets readers read. The clock is locked first, even against reads: a
 * writer of entries reads it, and so waits here instead of using the old offset.
 */
export async function lockLedger(transaction: Transaction): Promise<void> {
  await transaction.query(`
    lock table ledger_clock in access exclusive mode;
    lock table accounts, holds, ledger_transactions, ledger_entries, integrity_checkpoint, integrity_account_proofs in exclusive mode`);
}

/** This transaction reads whole tables, however long that takes. */
export async function allowScans(transaction: Transaction): Promise<void> {
  await transaction.query(`
    set local statement_timeout = 0;
    set local enable_seqscan = on;
    set local enable_hashjoin = on;
    set local enable_mergejoin = on`);
}

/** Sums the entries of every account, in one pass, into a temporary table of this transaction. */
export async function sumEntries(
  transaction: Transaction,
): Promise<{ entryCount: bigint; highestXid: bigint }> {
  await transaction.query(`
    create temporary table rebase_sums on commit drop as
    select entry.account_id,
           sum(entry.amount) as posted,
           coalesce(sum(entry.amount) filter (where entry.written_by_xid < checkpoint.checked_below), 0) as checked_posted,
           count(*) as entry_count,
           max(entry.written_by_xid) as highest_xid
    from ledger_entries as entry
    cross join integrity_checkpoint as checkpoint
    group by entry.account_id`);
  const { rows } = await transaction.query<{ entryCount: bigint; highestXid: bigint }>(`
    select coalesce(sum(entry_count), 0)::bigint as "entryCount",
           greatest((select coalesce(max(highest_xid), 0) from rebase_sums),
                    (select coalesce(max(folded_below), 0) from accounts),
                    (select checked_below from integrity_checkpoint)) as "highestXid"
    from rebase_sums`);
  return rows[0] as { entryCount: bigint; highestXid: bigint };
}

/** A system account whose stored balance now includes all its entries. */
export interface RefoldedAccount {
  readonly id: bigint;
  readonly kind: string;
  readonly currency: string;
  readonly postedBefore: bigint;
  readonly posted: bigint;
}

export async function refoldSystemAccounts(
  transaction: Transaction,
  foldedBelow: bigint,
): Promise<RefoldedAccount[]> {
  const { rows } = await transaction.query<RefoldedAccount>(
    `update accounts as account
     set posted = coalesce(sums.posted, 0), folded_below = $1
     from accounts as before
     left join rebase_sums as sums on sums.account_id = before.id
     where account.id = before.id and before.user_id is null
     returning account.id, account.kind, account.currency, before.posted as "postedBefore", account.posted`,
    [foldedBelow],
  );
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Sets the proofs of all accounts to the sums of their entries below the check's mark. The mark stays: the next checks read what is above
 * it. Accounts whose proof was different are compared with their balances again.
 */
export async function resetProofs(transaction: Transaction): Promise<number> {
  const { rowCount } = await transaction.query(`
    insert into integrity_account_proofs as proof (account_id, posted, touched_at)
    select coalesce(sums.account_id, known.account_id), coalesce(sums.checked_posted, 0), now()
    from rebase_sums as sums
    full join integrity_account_proofs as known on known.account_id = sums.account_id
    where coalesce(known.posted, 0) <> coalesce(sums.checked_posted, 0)
    on conflict (account_id) do update
    set posted = excluded.posted, touched_at = excluded.touched_at`);
  return rowCount ?? 0;
}

/** Rolling reviews by transaction id start again; those by other ids continue. */
export async function resetReviews(transaction: Transaction): Promise<void> {
  await transaction.query(`
    update integrity_checkpoint
    set positions = positions - 'history' - 'entries', transaction_step = 1000`);
}

export async function readRecordedServer(
  transaction: Transaction,
): Promise<{ identifier: bigint | null; xidOffset: bigint; oldestXid: bigint }> {
  const { rows } = await transaction.query(`
    select system_identifier as identifier, xid_offset as "xidOffset",
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldestXid"
    from ledger_clock`);
  return rows[0];
}

export async function moveHome(
  transaction: Transaction,
  ledgerServer: { readonly identifier: bigint | null; readonly xidOffset: bigint; readonly by: string },
): Promise<void> {
  await transaction.query(
    'update ledger_clock set system_identifier = $1, xid_offset = $2, rebased_at = now(), rebased_by = $3',
    [ledgerServer.identifier, ledgerServer.xidOffset, ledgerServer.by],
  );
}

/** Deletes the workers of the server that was copied. */
export async function forgetWorkers(transaction: Transaction): Promise<number> {
  const { rowCount } = await transaction.query('delete from workers');
  return rowCount ?? 0;
}

/** A sequence that would have assigned ids already in use: logical replication copies rows, but not sequences. */
export interface RaisedSequence {
  readonly table: string;
  readonly before: bigint;
  readonly after: bigint;
}

export async function raiseSequences(transaction: Transaction): Promise<RaisedSequence[]> {
  // Compare each identity column with its sequence. The names come from the catalogue, quoted by the server.
  const { rows: columns } = await transaction.query<{ table: string; column: string; sequence: string }>(`
    select format('%I', class.relname) as table, format('%I', attribute.attname) as column,
           pg_get_serial_sequence(format('%I.%I', current_schema(), class.relname), attribute.attname) as sequence
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid
    where attribute.attidentity <> '' and class.relkind = 'r'
      and class.relnamespace = current_schema()::regnamespace
    order by class.relname`);
  const raised: RaisedSequence[] = [];
  for (const { table, column, sequence } of columns) {
    const { rows } = await transaction.query<{ before: bigint; highest: bigint | null }>(
      `select case when is_called then last_value else last_value - 1 end as before,
              (select max(${column}) from ${table}) as highest
       from ${sequence}`,
    );
    const { before, highest } = rows[0] as { before: bigint; highest: bigint | null };
    if (highest === null || highest <= before) continue;
    await transaction.query('select setval($1::regclass, $2)', [sequence, highest]);
    raised.push({ table, before, after: highest });
  }
  return raised;
}
