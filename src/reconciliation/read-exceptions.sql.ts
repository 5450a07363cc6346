import type { Knex, Pool } from '../shared/database.ts';
import type { ExceptionKind, NewException } from './exception.ts';

/** A difference as it is kept. */
export interface ReconciliationException extends Omit<NewException, 'dedupeKey'> {
  readonly id: bigint;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly seenCount: number;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly closedReason: string | null;
}

const SELECT_EXCEPTION = `
    select id, payment_id as "paymentId", reference, kind, source, ours, theirs, created_at as "createdAt",
           last_seen_at as "lastSeenAt", seen_count as "seenCount", closed_at as "closedAt", closed_by as "closedBy",
           closed_reason as "closedReason"
    from reconciliation_exceptions`;

export interface ExceptionListQuery {
  readonly state: 'open' | 'closed' | 'all';
  readonly kind?: ExceptionKind | undefined;
  readonly paymentId?: bigint | undefined;
  readonly limit: number;
  /** Only exceptions with a smaller id: the last one of the page before. */
  readonly beforeId?: bigint | undefined;
}

const STATE_CONDITIONS = {
  open: 'and closed_at is null',
  closed: 'and closed_at is not null',
  all: '',
} as const;

/** Lists differences, newest first. */
export async function listExceptions(
  knex: Knex,
  query: ExceptionListQuery,
): Promise<ReconciliationException[]> {
  const { state, kind = null, paymentId = null, beforeId = null, limit } = query;
  const { rows } = await knex.raw(
    `${SELECT_EXCEPTION}
    where (id < :beforeId or :beforeId::bigint is null)
      ${STATE_CONDITIONS[state]}
      ${kind === null ? '' : 'and kind = :kind'}
      ${paymentId === null ? '' : 'and payment_id = :paymentId'}
    order by id desc
    limit :limit`,
    { kind, paymentId, beforeId, limit },
  );
  return rows;
}

export async function findException(knex: Knex, id: bigint): Promise<ReconciliationException | undefined> {
  const { rows } = await knex.raw(`${SELECT_EXCEPTION} where id = :id`, { id });
  return rows[0];
}

/** Closes a difference that somebody has looked at; false when it is closed already, or there is none. */
export async function closeException(
  pool: Pool,
  { id, by, reason }: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update reconciliation_exceptions
     set closed_at = now(), closed_by = $2, closed_reason = $3
     where id = $1 and closed_at is null`,
    [id, by, reason],
  );
  return rowCount === 1;
}
