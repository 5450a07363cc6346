import type { Queryable } from '../shared/database.ts';
import type { NewException } from './exception.ts';

/**
 * Records differences. One that was recorded before is only counted, also when it has been closed since: it is what the
 * person who closed it had already seen.
 * @returns those that are new, each once; they are what deserves an alarm.
 */
export async function recordExceptions(
  queryable: Queryable,
  exceptions: readonly NewException[],
): Promise<NewException[]> {
  // One statement cannot touch a row twice; rows are written in the order of their keys, so that writers that meet
  // wait for each other instead of ending in a deadlock.
  const byKey = new Map(exceptions.map((exception) => [exception.dedupeKey, exception]));
  const distinct = [...byKey.values()].toSorted((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1));
  if (distinct.length === 0) return [];
  const { rows } = await queryable.query<{ dedupe_key: string; seen_count: number }>({
    name: 'reconciliation-record-exceptions',
    text: `
      insert into reconciliation_exceptions (payment_id, reference, kind, source, ours, theirs, dedupe_key)
      select *
      from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::text[])
      on conflict (dedupe_key) do update
      set seen_count = reconciliation_exceptions.seen_count + 1,
          last_seen_at = now()
      returning dedupe_key, seen_count`,
    values: [
      distinct.map((exception) => exception.paymentId),
      distinct.map((exception) => exception.reference),
      distinct.map((exception) => exception.kind),
      distinct.map((exception) => exception.source),
      distinct.map((exception) => exception.ours && JSON.stringify(exception.ours)),
      distinct.map((exception) => exception.theirs && JSON.stringify(exception.theirs)),
      distinct.map((exception) => exception.dedupeKey),
    ],
  });
  const newKeys = new Set(rows.filter((row) => row.seen_count === 1).map((row) => row.dedupe_key));
  return distinct.filter((exception) => newKeys.has(exception.dedupeKey));
}
