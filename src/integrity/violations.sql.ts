import type { Knex, Pool, Queryable } from '../database/database.ts';
import {
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../database/list-page.sql.ts';
import type { Rule, Violation } from './violation.ts';

/** A stored violation. */
export interface RecordedViolation extends Violation {
  readonly id: bigint;
  /** Whether it is about many subjects at once; `subject` then names none of them. */
  readonly isGroup: boolean;
  readonly subjectCount: number;
  /** Some of a group's subjects. */
  readonly samples: readonly string[];
  readonly foundAt: Date;
  readonly lastSeenAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedReason: string | null;
  /** When a check found that the violation no longer holds. */
  readonly resolvedAt: Date | null;
}

export const VIOLATION_COLUMNS = `
  id, rule, subject, is_group as "isGroup", subject_count as "subjectCount", samples, fingerprint, detail, found_at as "foundAt", last_seen_at as "lastSeenAt",
  acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy", acknowledged_reason as "acknowledgedReason",
  resolved_at as "resolvedAt"`;

/** Violations that still hold, acknowledged or not, those first that were not rechecked for longest. */
export async function selectStanding(
  queryable: Queryable,
  { isGroup, limit }: { readonly isGroup: boolean; readonly limit: number },
): Promise<RecordedViolation[]> {
  const { rows } = await queryable.query<RecordedViolation>(
    `select ${VIOLATION_COLUMNS}
     from integrity_violations
     where resolved_at is null and is_group = $1
     order by last_seen_at, id
     limit $2`,
    [isGroup, limit],
  );
  return rows;
}

/** How many subjects are in violations that still hold and that nobody has acknowledged, by rule. */
export async function countOpenViolations(queryable: Queryable): Promise<Map<Rule, number>> {
  const { rows } = await queryable.query<{ rule: Rule; count: number }>(`
    select rule, sum(subject_count)::int as count
    from (
      select rule, subject_count from integrity_violations
      where resolved_at is null and acknowledged_at is null
      order by id
      limit 10000
    ) as open
    group by rule`);
  return new Map(rows.map((row) => [row.rule, row.count]));
}

export async function findViolation(knex: Knex, id: bigint): Promise<RecordedViolation | undefined> {
  const { rows } = await knex.raw(`select ${VIOLATION_COLUMNS} from integrity_violations where id = :id`, {
    id,
  });
  return rows[0];
}

export interface ViolationFilter extends CreatedFilter {
  /** open: violations that still hold and that nobody has acknowledged. */
  readonly state: 'open' | 'all';
  /** Letters with any of these reasons. */
  readonly rules?: readonly Rule[] | undefined;
}

/** Lists violations, newest first. A violation's time is when it was found. */
export async function listViolations(
  knex: Knex,
  query: ViolationFilter & PageQuery,
): Promise<Page<RecordedViolation>> {
  return await readPage(knex, violationPageParts(query));
}

export function violationPageParts(query: ViolationFilter & PageQuery): PageParts {
  return {
    query,
    walk: {
      from: 'integrity_violations as listed',
      id: 'listed.id',
      where: [
        query.state === 'open' ? 'listed.resolved_at is null and listed.acknowledged_at is null' : undefined,
      ],
      as: 'violation',
      columns: 'listed.*',
      createdAt: 'listed.found_at',
    },
    select: `select ${VIOLATION_COLUMNS}`,
    filters: [query.rules === undefined ? undefined : 'violation.rule = any (:rules::text[])'],
    values: { rules: query.rules ?? null },
  };
}

/** Records who acknowledged a violation and why; false if it is no longer open. */
export async function acknowledgeViolation(
  pool: Pool,
  { id, by, reason }: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update integrity_violations
     set acknowledged_at = now(), acknowledged_by = $2, acknowledged_reason = $3
     where id = $1 and resolved_at is null and acknowledged_at is null`,
    [id, by, reason],
  );
  return rowCount === 1;
}
