import type { Queryable } from '../shared/database.ts';

export async function selectSystemAccounts(
  queryable: Queryable,
  currency: string,
): Promise<{ kind: string; id: bigint }[]> {
  const { rows } = await queryable.query({
    name: 'ledger-select-system-accounts',
    text: `
      select kind, id
      from accounts
      where user_id is null and currency = $1`,
    values: [currency],
  });
  return rows;
}

export async function insertSystemAccounts(
  queryable: Queryable,
  currency: string,
  kinds: readonly string[],
): Promise<void> {
  await queryable.query({
    text: `
      insert into accounts (kind, currency)
      select kind, $1 from unnest($2::text[]) as k (kind) order by kind
      on conflict do nothing`,
    values: [currency, kinds],
  });
}
