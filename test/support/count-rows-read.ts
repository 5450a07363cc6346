import type { Knex } from '../../src/database/database.ts';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

/** How many rows of tables and indexes a statement looks at, by what PostgreSQL counts. */
export async function countRowsRead(
  knex: Knex,
  { text, values }: { readonly text: string; readonly values: object },
): Promise<{ readonly rowCount: number; readonly scans: readonly string[] }> {
  const { rows } = await knex.raw(`explain (analyze, buffers, format json) ${text}`, values as never);
  const scans: string[] = [];
  const count = (plan: Plan): number => {
    const below = (plan.Plans ?? []).map(count).reduce((sum, rowCount) => sum + rowCount, 0);
    if (plan['Relation Name'] === undefined) return below;
    scans.push(`${plan['Node Type']} on ${plan['Relation Name']}`);
    return below + (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];
  };
  return { rowCount: count(rows[0]['QUERY PLAN'][0].Plan), scans };
}
