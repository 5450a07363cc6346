import type { Knex } from '../database/database.ts';
import { type Page, type PageParts, type PageQuery, readPage } from '../database/list-page.sql.ts';
import type { FeeKind } from './fee.ts';
import type { FeeChange } from './fee-change.ts';
import { FEE_COLUMNS, type FeeRow, toFee } from './fee-columns.sql.ts';

export interface FeeChangesQuery extends PageQuery {
  readonly kind?: FeeKind | undefined;
  readonly currency?: string | undefined;
}

type ChangeRow = Omit<FeeChange, 'before' | 'after'> & {
  readonly beforeId: bigint | null;
  readonly afterId: bigint | null;
};

/** Lists the changes of the schedule, newest first. The rows that they speak of are shown with the ends that they have now. */
export async function listFeeChanges(knex: Knex, query: FeeChangesQuery): Promise<Page<FeeChange>> {
  const { items, nextBeforeId } = await readPage<ChangeRow>(knex, changePageParts(query));
  return { items: await withFees(knex, items), nextBeforeId };
}

export async function findFeeChange(knex: Knex, id: bigint): Promise<FeeChange | undefined> {
  const { rows } = await knex.raw(`${SELECT_CHANGE} from fee_changes as change where change.id = :id`, {
    id,
  });
  return (await withFees(knex, rows))[0];
}

const SELECT_CHANGE = `
  select change.id, change.action, change.created_at as at, change.effective_at as "effectiveAt", change.changed_by as by,
         change.reason, change.before_fee_id as "beforeId", change.after_fee_id as "afterId"`;

export function changePageParts(query: FeeChangesQuery): PageParts {
  const { kind, currency } = query;
  return {
    query,
    walk: {
      from: 'fee_changes as listed',
      id: 'listed.id',
      as: 'change',
      columns: 'listed.*',
      createdAt: 'listed.created_at',
    },
    select: SELECT_CHANGE,
    // Both rows of a change are of one kind and currency.
    joins: 'join fee_schedule as fee on fee.id = coalesce(change.after_fee_id, change.before_fee_id)',
    filters: [
      kind === undefined ? undefined : 'fee.kind = :kind',
      currency === undefined ? undefined : 'fee.currency = :currency',
    ],
    values: { kind: kind ?? null, currency: currency ?? null },
  };
}

async function withFees(knex: Knex, changes: readonly ChangeRow[]): Promise<FeeChange[]> {
  const ids = changes.flatMap(({ beforeId, afterId }) => [beforeId, afterId].filter((id) => id !== null));
  const { rows }: { rows: FeeRow[] } = await knex.raw(
    `select ${FEE_COLUMNS} from fee_schedule where id = any (:ids)`,
    { ids: [...new Set(ids)] },
  );
  const fees = new Map(rows.map((row) => [row.id, toFee(row)]));
  const feeOf = (id: bigint | null) => (id === null ? null : (fees.get(id) ?? null));
  return changes.map(({ beforeId, afterId, ...change }) => ({
    ...change,
    before: feeOf(beforeId),
    after: feeOf(afterId),
  }));
}
