import type { Queryable } from '../database/database.ts';
import type { FrozenScale } from './scales/account-scales.sql.ts';

export async function selectSystemAccounts(
  queryable: Queryable,
  currency: string,
): Promise<{ kind: string; id: bigint; scale: number }[]> {
  const { rows } = await queryable.query({
    name: 'ledger-select-system-accounts',
    text: `
      select kind, id, scale
      from accounts
      where user_id is null and currency = $1`,
    values: [currency],
  });
  return rows;
}

export async function insertSystemAccounts(
  queryable: Queryable,
  { currency, scale, kinds }: FrozenScale & { readonly kinds: readonly string[] },
): Promise<void> {
  await queryable.query({
    // Transactions that write entries for an account that is opened now have not ended yet, so the fold need not read older ones.
    text: `
      insert into accounts (kind, currency, scale, folded_below)
      select kind, $1, $2, pg_snapshot_xmin(pg_current_snapshot())::text::bigint + clock.xid_offset
      from unnest($3::text[]) as k (kind), ledger_clock as clock
      order by kind
      on conflict do nothing`,
    values: [currency, scale, kinds],
  });
}
