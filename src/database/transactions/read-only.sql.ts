import type pg from 'pg';

/** Whether this session's transactions cannot write, because of a standby, or a server or database that is fenced off. */
export async function selectIsReadOnly(queryable: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await queryable.query<{ isReadOnly: boolean }>(
    `select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "isReadOnly"`,
  );
  return rows[0]?.isReadOnly ?? false;
}
