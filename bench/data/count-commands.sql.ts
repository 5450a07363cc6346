import { withClient } from './databases.sql.ts';

/** How many holds were placed, and how many captures there were. */
export async function countHoldSteps(databaseUrl: string): Promise<number> {
  return await count(
    databaseUrl,
    'select count(*)::int + coalesce(sum(capture_count), 0)::int as count from order_holds',
  );
}

export async function countConversions(databaseUrl: string): Promise<number> {
  return await count(
    databaseUrl,
    'select count(*)::int as count from conversion_quotes where used_at is not null',
  );
}

async function count(databaseUrl: string, query: string): Promise<number> {
  return await withClient(databaseUrl, async (client) => (await client.query(query)).rows[0].count);
}
