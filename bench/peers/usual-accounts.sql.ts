import type { Knex } from 'knex';

/** The accounts on the other side of a wallet, as text ids. */
export interface UsualAccounts {
  readonly gateway: string;
  readonly fee: string;
  readonly sales: string;
  readonly fx: string;
}

/** Like an application that reads them once. */
const remembered = new WeakMap<object, Map<string, Promise<UsualAccounts>>>();

export function findUsualAccounts(knex: Knex, currency = 'USD'): Promise<UsualAccounts> {
  const known = remembered.get(knex) ?? new Map<string, Promise<UsualAccounts>>();
  remembered.set(knex, known);
  const accounts = known.get(currency) ?? readAccounts(knex, currency);
  known.set(currency, accounts);
  return accounts;
}

async function readAccounts(knex: Knex, currency: string): Promise<UsualAccounts> {
  const rows: { kind: string; id: string }[] = await knex('accounts')
    .whereNull('user_id')
    .andWhere({ currency })
    .select('kind', 'id');
  const idOf = (kind: string) => rows.find((row) => row.kind === kind)?.id as string;
  return { gateway: idOf('gateway'), fee: idOf('fee'), sales: idOf('sales'), fx: idOf('fx') };
}
