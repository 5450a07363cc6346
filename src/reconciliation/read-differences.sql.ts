import type { Knex } from '../database/database.ts';
import {
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
  type Walk,
} from '../database/list-page.sql.ts';
import type { Difference, DifferenceKind, DifferenceSource } from './difference.ts';

/** A stored difference. */
export interface RecordedDifference extends Omit<Difference, 'dedupeKey'> {
  readonly id: bigint;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly seenCount: number;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly closedReason: string | null;
}

const SELECT_DIFFERENCE = `
    select id, payment_id as "paymentId", reference, kind, source, ours, theirs, created_at as "createdAt",
           last_seen_at as "lastSeenAt", seen_count as "seenCount", closed_at as "closedAt", closed_by as "closedBy",
           closed_reason as "closedReason"`;

export const DIFFERENCE_STATES = ['open', 'closed', 'all'] as const;
export type DifferenceState = (typeof DIFFERENCE_STATES)[number];

export interface DifferenceFilter extends CreatedFilter {
  readonly state: DifferenceState;
  readonly kind?: DifferenceKind | undefined;
  readonly source?: DifferenceSource | undefined;
  readonly paymentId?: bigint | undefined;
  /** Only differences that this report found or found again. */
  readonly reportId?: bigint | undefined;
}

/** Lists differences, newest first. */
export async function listDifferences(
  knex: Knex,
  query: DifferenceFilter & PageQuery,
): Promise<Page<RecordedDifference>> {
  return await readPage(knex, differencePageParts(query));
}

export function differencePageParts(query: DifferenceFilter & PageQuery): PageParts {
  const { state, kind, source, paymentId, reportId } = query;
  const walk = walkOf(query);
  // Conditions that the index of the walk does not cover.
  const isByReport = reportId !== undefined;
  const isOpenWalk = state === 'open' && !isByReport && paymentId === undefined;
  return {
    query,
    walk: { ...walk, where: [...(walk.where ?? []), isOpenWalk ? 'listed.closed_at is null' : undefined] },
    select: SELECT_DIFFERENCE,
    filters: [
      isOpenWalk ? undefined : STATE_CONDITIONS[state],
      kind === undefined ? undefined : 'difference.kind = :kind',
      source === undefined ? undefined : 'difference.source = :source',
      isByReport && paymentId !== undefined ? 'difference.payment_id = :paymentId' : undefined,
    ],
    values: {
      kind: kind ?? null,
      source: source ?? null,
      paymentId: paymentId ?? null,
      reportId: reportId ?? null,
    },
  };
}

function walkOf({ paymentId, reportId }: DifferenceFilter): Walk {
  const rows = { as: 'difference', columns: 'listed.*', createdAt: 'listed.created_at' };
  if (reportId !== undefined)
    return {
      ...rows,
      from: 'reconciliation_report_differences as seen',
      id: 'seen.difference_id',
      where: ['seen.report_id = :reportId'],
      join: 'join reconciliation_differences as listed on listed.id = seen.difference_id',
    };
  return {
    ...rows,
    from: 'reconciliation_differences as listed',
    id: 'listed.id',
    where: [paymentId === undefined ? undefined : 'listed.payment_id = :paymentId'],
  };
}

const STATE_CONDITIONS = {
  open: 'difference.closed_at is null',
  closed: 'difference.closed_at is not null',
  all: undefined,
} as const;

export async function findDifference(knex: Knex, id: bigint): Promise<RecordedDifference | undefined> {
  const { rows } = await knex.raw(`${SELECT_DIFFERENCE} from reconciliation_differences where id = :id`, {
    id,
  });
  return rows[0];
}
