import type { Transaction } from '../../database/database.ts';
import type { WalletState } from '../../ledger/wallet-state.ts';

/** What an account stores, and what its entries and holds say, at one moment; minor units, with sums as text. */
export interface AccountFacts {
  readonly accountId: bigint;
  readonly state: WalletState;
  readonly posted: bigint;
  readonly held: bigint;
  readonly floor: bigint | null;
  readonly entriesPosted: string;
  /** The sum of its user's holds on it, in its currency. */
  readonly holds: string;
}

/** Accounts whose stored balance has not been compared since new entries arrived, longest waiting first. */
export async function selectTouchedWallets(transaction: Transaction, limit: number): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    `select proof.account_id as id
     from integrity_account_proofs as proof
     join accounts as account on account.id = proof.account_id
     where proof.touched_at is not null and account.user_id is not null
     order by proof.touched_at, proof.account_id
     limit $1`,
    [limit],
  );
  return rows.map((row) => row.id);
}

/** Marks accounts as compared with everything that their proofs count. */
export async function clearTouched(transaction: Transaction, accountIds: readonly bigint[]): Promise<void> {
  await transaction.query(
    'update integrity_account_proofs set touched_at = null where account_id = any ($1::bigint[]) and touched_at is not null',
    [accountIds],
  );
}

export async function selectWallets(
  transaction: Transaction,
  { afterId, limit }: { readonly afterId: bigint; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    'select id from accounts where id > $1 and user_id is not null order by id limit $2',
    [afterId, limit],
  );
  return rows.map((row) => row.id);
}

/** System accounts. One that was opened since the last fold stores nothing yet and is left for the next run. */
export async function selectSystemAccountIds(transaction: Transaction): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(`
    select id
    from accounts
    where user_id is null and (folded_below > 0 or posted <> 0 or held <> 0)
    order by id`);
  return rows.map((row) => row.id);
}

/** The first transaction whose entries must be read to compare these accounts: the lowest watermark involved. */
export async function selectReadFrom(
  transaction: Transaction,
  { accountIds, checkedBelow }: { readonly accountIds: readonly bigint[]; readonly checkedBelow: bigint },
): Promise<bigint> {
  const { rows } = await transaction.query<{ read_from: bigint }>(
    `select least($2::bigint, min(folded_below)) as read_from
     from accounts
     where id = any ($1::bigint[]) and user_id is null`,
    [accountIds, checkedBelow],
  );
  return rows[0]?.read_from ?? checkedBelow;
}

/**
 * Reads balances and the sum of their entries, in one snapshot. The sum is the proof (entries of transactions below `checkedBelow`) plus
 * later entries; a system account stores the entries below its own watermark, which may be above or below the proof's.
 * @param readFrom at most `checkedBelow` and the watermark of any system account among them.
 */
export async function readAccountFacts(
  transaction: Transaction,
  {
    accountIds,
    checkedBelow,
    readFrom,
  }: { readonly accountIds: readonly bigint[]; readonly checkedBelow: bigint; readonly readFrom: bigint },
): Promise<AccountFacts[]> {
  const { rows } = await transaction.query<AccountFacts>(
    `with picked as materialized (
       select account.id, account.user_id, account.currency, account.state, account.posted, account.held, account.floor,
              account.folded_below, coalesce(proof.posted, 0) as proven_posted
       from accounts as account
       left join integrity_account_proofs as proof on proof.account_id = account.id
       where account.id = any ($1::bigint[])
     ),
     -- Use the block range index; by account, this would read all entries that a busy account ever had.
     later as materialized (
       select account_id, amount, written_by_xid
       from ledger_entries
       where written_by_xid >= $3
     ),
     sums as (
       select later.account_id, sum(later.amount * counted.times) as posted
       from later
       join picked on picked.id = later.account_id
       cross join lateral (
         select (picked.user_id is not null or later.written_by_xid < picked.folded_below)::int
                - (later.written_by_xid < $2)::int as times
       ) as counted
       group by later.account_id
     )
     select picked.id as "accountId", picked.state, picked.posted, picked.held, picked.floor,
            (picked.proven_posted + coalesce(sums.posted, 0))::text as "entriesPosted",
            (
              select coalesce(sum(hold.amount_minor), 0)
              from holds as hold
              where hold.user_id = picked.user_id and hold.account_id = picked.id and hold.currency = picked.currency
            )::text as holds
     from picked
     left join sums on sums.account_id = picked.id
     order by picked.id`,
    [accountIds, checkedBelow, readFrom],
  );
  return rows;
}

/** Sums the entries of an account again; returns false and changes nothing if it has more than `limit`. */
export async function rebuildProof(
  transaction: Transaction,
  {
    accountId,
    checkedBelow,
    limit,
  }: { readonly accountId: bigint; readonly checkedBelow: bigint; readonly limit: number },
): Promise<boolean> {
  const { rows } = await transaction.query<{ is_too_long: boolean }>(
    `select exists (select 1 from ledger_entries where account_id = $1 offset $2) as is_too_long`,
    [accountId, limit],
  );
  if (rows[0]?.is_too_long) return false;
  await transaction.query(
    `insert into integrity_account_proofs as proof (account_id, posted)
     select $1, coalesce(sum(amount), 0)
     from ledger_entries
     where account_id = $1 and written_by_xid < $2
     on conflict (account_id) do update
     set posted = excluded.posted`,
    [accountId, checkedBelow],
  );
  return true;
}

/**
 * Sums the entries of many accounts again, in one statement.
 * @returns the accounts with more than `limit` entries, which are left unchanged.
 */
export async function rebuildShortProofs(
  transaction: Transaction,
  {
    accountIds,
    checkedBelow,
    limit,
  }: { readonly accountIds: readonly bigint[]; readonly checkedBelow: bigint; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    `with counted as materialized (
       select wanted.id,
              exists (select 1 from ledger_entries as entry where entry.account_id = wanted.id offset $3) as is_long
       from unnest($1::bigint[]) as wanted (id)
     ),
     rebuilt as (
       insert into integrity_account_proofs as proof (account_id, posted)
       select counted.id, sums.posted
       from counted
       cross join lateral (
         select coalesce(sum(amount), 0) as posted
         from ledger_entries as entry
         where entry.account_id = counted.id and entry.written_by_xid < $2
       ) as sums
       where not counted.is_long
       on conflict (account_id) do update
       set posted = excluded.posted
     )
     select id from counted where is_long`,
    [accountIds, checkedBelow, limit],
  );
  return rows.map(({ id }) => id);
}

/** Corrects proofs by the differences that full sums over the accounts' entries found, in minor units. */
export async function adjustProofs(
  transaction: Transaction,
  adjustments: readonly {
    readonly accountId: bigint;
    readonly postedMinor: bigint;
  }[],
): Promise<void> {
  await transaction.query(
    `insert into integrity_account_proofs as proof (account_id, posted)
     select * from unnest($1::bigint[], $2::numeric[])
     on conflict (account_id) do update
     set posted = proof.posted + excluded.posted`,
    [adjustments.map(({ accountId }) => accountId), adjustments.map(({ postedMinor }) => postedMinor)],
  );
}
