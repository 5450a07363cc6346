import type { RecordOf } from './gateway-record.ts';

/** One request as it reached the gateway, or one word of the gateway about a payment. */
export type JournalEntry =
  | Pick<RecordOf<'pay'>, 'kind' | 'at' | 'reference' | 'mode'>
  | RecordOf<'inquiry'>
  | RecordOf<'answer'>
  | RecordOf<'callback'>;

/** Some 100 MB. What comes later is counted and not kept: a journal with a hole in front would be taken for a whole one. */
const MAX_ENTRIES = 1_000_000;

/** Every request and every word in their order: what a processor may be held to by somebody who does not trust it. */
export function createCallJournal() {
  const entries: JournalEntry[] = [];
  let droppedCount = 0;

  return {
    add(entry: JournalEntry): void {
      if (entries.length < MAX_ENTRIES) entries.push(entry);
      else droppedCount += 1;
    },
    clear(): void {
      entries.length = 0;
      droppedCount = 0;
    },
    export({ after, limit }: { readonly after: number; readonly limit: number }) {
      const page = entries.slice(after, after + limit);
      const nextAfter = after + page.length;
      return {
        entries: page,
        next_after: nextAfter < entries.length ? nextAfter : null,
        dropped_count: droppedCount,
      };
    },
  };
}
