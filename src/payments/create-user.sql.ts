import type { Queryable, Transaction } from '../shared/database.ts';

export async function insertUser(transaction: Transaction): Promise<{ userId: bigint; createdAt: Date }> {
  const { rows } = await transaction.query(
    `insert into users default values returning id as "userId", created_at as "createdAt"`,
  );
  return rows[0];
}

/** An id that was drawn before a crash of the server may be drawn again after it, but not at the same time. */
export async function isUserWritten(
  queryable: Queryable,
  { userId, createdAt }: { readonly userId: bigint; readonly createdAt: Date },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select from users where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [userId, createdAt],
  );
  return rowCount === 1;
}

export async function insertWallet(
  transaction: Transaction,
  { userId, currency, scale }: { readonly userId: bigint; readonly currency: string; readonly scale: number },
): Promise<bigint> {
  const { rows } = await transaction.query(
    `insert into accounts (user_id, kind, currency, scale, floor) values ($1, 'wallet', $2, $3, 0) returning id`,
    [userId, currency, scale],
  );
  return rows[0].id;
}
