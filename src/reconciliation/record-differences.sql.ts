import type { Queryable } from '../database/database.ts';
import { storableText } from '../text/text.ts';
import type { Difference, Statement } from './difference.ts';

/**
 * Records differences. One that was recorded before is only counted, also when it has been closed since: it is what the
 * person who closed it had already seen.
 * @returns those that are new, each once; they are what deserves an alarm.
 */
export async function recordDifferences(
  queryable: Queryable,
  differences: readonly Difference[],
): Promise<Difference[]> {
  // One statement cannot touch a row twice; rows are written in the order of their keys, so that writers that meet
  // wait for each other instead of ending in a deadlock.
  const byKey = new Map(
    differences.map((difference) => {
      const dedupeKey = storableText(difference.dedupeKey);
      return [dedupeKey, { ...difference, dedupeKey }];
    }),
  );
  const distinct = [...byKey.values()].toSorted((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1));
  if (distinct.length === 0) return [];
  const { rows } = await queryable.query<{ dedupe_key: string; seen_count: number }>({
    name: 'reconciliation-record-exceptions',
    text: `
      insert into reconciliation_exceptions (payment_id, reference, kind, source, ours, theirs, dedupe_key, last_seen_at)
      select seen.*, now()
      from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::text[]) as seen
      on conflict (dedupe_key) do update
      set seen_count = reconciliation_exceptions.seen_count + 1,
          last_seen_at = excluded.last_seen_at
      returning dedupe_key, seen_count`,
    values: [
      distinct.map((difference) => difference.paymentId),
      distinct.map(({ reference }) => reference && storableText(reference)),
      distinct.map((difference) => difference.kind),
      distinct.map((difference) => difference.source),
      distinct.map((difference) => storableJson(difference.ours)),
      distinct.map((difference) => storableJson(difference.theirs)),
      distinct.map((difference) => difference.dedupeKey),
    ],
  });
  const newKeys = new Set(rows.filter((row) => row.seen_count === 1).map((row) => row.dedupe_key));
  return distinct.filter((difference) => newKeys.has(difference.dedupeKey));
}

/** jsonb refuses half of a surrogate pair and NUL, and a difference that cannot be recorded would be tried again for ever. */
function storableJson(statement: Statement | null): string | null {
  if (statement === null) return null;
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(statement).map(([name, value]) => [
        storableText(name),
        typeof value === 'string' ? storableText(value) : value,
      ]),
    ),
  );
}
