import type { Queryable } from '../../database/database.ts';

/** The scale of a currency's amounts, fixed since its first account was opened. */
export interface FrozenScale {
  readonly currency: string;
  readonly scale: number;
}

/** The scales of all currencies that have accounts: those of the system accounts, a handful of rows; wallets have the same. */
export async function selectFrozenScales(queryable: Queryable): Promise<FrozenScale[]> {
  const { rows } = await queryable.query<FrozenScale>(`
    select distinct currency, scale
    from accounts
    where user_id is null
    order by currency`);
  return rows;
}
