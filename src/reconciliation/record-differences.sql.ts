import type { Transaction } from '../database/database.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { storableText } from '../text/text.ts';
import type { Difference, Statement } from './difference.ts';
import { eventOfDifference } from './difference-events.ts';

/**
 * Records differences. A known difference is only counted, even if it has been closed since, because the person who closed it has already
 * seen it. Each new one is an event.
 * @returns the new differences, each once; these deserve an alarm.
 */
export async function recordDifferences(
  transaction: Transaction,
  differences: readonly Difference[],
): Promise<Difference[]> {
  // One statement cannot touch a row twice. Rows are written in the order of their keys, so that concurrent writers wait for each other and
  // do not deadlock.
  const byKey = new Map(
    differences.map((difference) => {
      const dedupeKey = storableText(difference.dedupeKey);
      return [dedupeKey, { ...difference, dedupeKey }];
    }),
  );
  const distinct = [...byKey.values()].toSorted((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1));
  if (distinct.length === 0) return [];
  const { rows } = await transaction.query<{ id: bigint; dedupe_key: string; seen_count: number }>({
    name: 'reconciliation-record-differences',
    text: `
      insert into reconciliation_differences (payment_id, reference, kind, source, ours, theirs, dedupe_key, last_seen_at)
      select seen.*, now()
      from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::text[]) as seen
      on conflict (dedupe_key) do update
      set seen_count = reconciliation_differences.seen_count + 1,
          last_seen_at = excluded.last_seen_at
      returning id, dedupe_key, seen_count`,
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
  const newIds = new Map(rows.filter((row) => row.seen_count === 1).map((row) => [row.dedupe_key, row.id]));
  const found = distinct.flatMap((difference) => {
    const id = newIds.get(difference.dedupeKey);
    return id === undefined ? [] : [{ id, difference }];
  });
  await writeEvents(
    transaction,
    found.map(({ id, difference }) => eventOfDifference('found', { id, ...difference })),
  );
  return found.map(({ difference }) => difference);
}

/** jsonb refuses half of a surrogate pair and NUL, and a difference that cannot be recorded would be retried forever. */
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
