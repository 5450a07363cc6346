import type { Queryable } from '../shared/database.ts';
import { storableText } from '../shared/text.ts';
import type { NewException, Statement } from './exception.ts';

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
  const byKey = new Map(
    exceptions.map((exception) => {
      const dedupeKey = storableText(exception.dedupeKey);
      return [dedupeKey, { ...exception, dedupeKey }];
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
      distinct.map((exception) => exception.paymentId),
      distinct.map(({ reference }) => reference && storableText(reference)),
      distinct.map((exception) => exception.kind),
      distinct.map((exception) => exception.source),
      distinct.map((exception) => storableJson(exception.ours)),
      distinct.map((exception) => storableJson(exception.theirs)),
      distinct.map((exception) => exception.dedupeKey),
    ],
  });
  const newKeys = new Set(rows.filter((row) => row.seen_count === 1).map((row) => row.dedupe_key));
  return distinct.filter((exception) => newKeys.has(exception.dedupeKey));
}

/** jsonb refuses half of a surrogate pair and NUL, and an exception that cannot be recorded would be tried again for ever. */
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
