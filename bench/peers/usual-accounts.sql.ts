import type { Knex } from 'knex';

/** The accounts on the other side of a wallet, as text ids. */
export interface UsualAccounts {
  readonly gateway: string;
  readonly fee: string;
  readonly sales: string;
  readonly fx: string;
}

export type FindAccounts = (currency: string) => UsualAccounts;

/** Like an application that reads them at its start: never within a transaction, which would wait for a second connection. */
const remembered = new WeakMap<object, Promise<FindAccounts>>();

export function findUsualAccounts(knex: Knex): Promise<FindAccounts> {
  const accounts = remembered.get(knex) ?? readAccounts(knex);
  remembered.set(knex, accounts);
  return accounts;
}

async function readAccounts(knex: Knex): Promise<FindAccounts> {
  const rows: { kind: string; currency: string; id: string }[] = await knex('accounts')
    .whereNull('user_id')
    .select('kind', 'currency', 'id');
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency);
  return (currency) => {
    const idOf = (kind: string) => byCurrency.get(currency)?.find((row) => row.kind === kind)?.id as string;
    return { gateway: idOf('gateway'), fee: idOf('fee'), sales: idOf('sales'), fx: idOf('fx') };
  };
}
