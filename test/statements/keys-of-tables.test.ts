import { createTestDatabase } from '../support/test-database.ts';

/** Tables whose rows belong to a user, and whose key begins with something else all the same (decision 81). */
const LED_OTHERWISE: Readonly<Record<string, string>> = {
  accounts:
    'A wallet is looked for by user and currency, by an index of its own, and an entry names it by its id.',
  ledger_transactions: 'A step of an event is posted once, whoever it is of.',
  ledger_entries: 'They belong to an account, and a wallet is one user’s.',
  payment_attempts: 'Retention walks them in the order of payments, which is that of their age.',
  payment_dlq: 'An operator names a letter by its number; the index of open letters begins with the user.',
  bulk_redrives: 'An order of an operator, which may be about one user.',
  wallet_transfers: 'It is of two wallets, which may be two users’, and is named by its number.',
  conversion_quotes: 'A quote is taken by its number; the index of open ones begins with the user.',
};

test('the key of a table whose rows belong to a user begins with the user, except in tables that say why', async () => {
  const database = await createTestDatabase();
  try {
    const { rows } = await database.pool.query(`
      select owned.relname as name,
             (select key.attname
              from pg_index as primary_key
              join pg_attribute as key on key.attrelid = owned.oid and key.attnum = primary_key.indkey[0]
              where primary_key.indrelid = owned.oid and primary_key.indisprimary) as "leadsWith"
      from pg_class as owned
      join pg_attribute as owner on owner.attrelid = owned.oid and owner.attname = 'user_id' and not owner.attisdropped
      where owned.relkind = 'r' and owned.relnamespace = 'public'::regnamespace
      order by owned.relname`);
    const [led, others] = [
      rows.filter(({ leadsWith }) => leadsWith === 'user_id'),
      rows.filter(({ leadsWith }) => leadsWith !== 'user_id'),
    ].map((tables) => tables.map(({ name }) => name));
    expect(led).toEqual(expect.arrayContaining(['holds', 'payment_inquiries', 'payment_tasks', 'payments']));
    expect(others).toEqual(Object.keys(LED_OTHERWISE).sort());
  } finally {
    await database.close();
  }
});
