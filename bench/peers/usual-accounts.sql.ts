import type { Knex } from 'knex';

/** The accounts on the other side of a wallet, as text ids. */
export interface UsualAccounts {
  readonly gateway: string;
  readonly fee: string;
}

/** Like an application that reads them at its start. */
const remembered = new WeakMap<object, Promise<UsualAccounts>>();

export function findUsualAccounts(knex: Knex): Promise<UsualAccounts> {
  const accounts = remembered.get(knex) ?? readAccounts(knex);
  remembered.set(knex, accounts);
  return accounts;
}

async function readAccounts(knex: Knex): Promise<UsualAccounts> {
  const rows: { kind: string; id: string }[] = await knex('accounts')
    .whereNull('user_id')
    .andWhere({ currency: 'USD' })
    .select('kind', 'id');
  const idOf = (kind: string) => rows.find((row) => row.kind === kind)?.id as string;
  return { gateway: idOf('gateway'), fee: idOf('fee') };
}
