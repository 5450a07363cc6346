import type { RecordOf } from './gateway-record.ts';

/** One request that reached the gateway, or one statement of the gateway about a payment. */
export type JournalEntry =
  | Pick<RecordOf<'pay'>, 'kind' | 'at' | 'reference' | 'mode'>
  | RecordOf<'inquiry'>
  | RecordOf<'answer'>
  | RecordOf<'callback'>;

/** About 100 MB. Later entries are counted but not kept: a journal without its beginning could be taken for a complete one. */
const MAX_ENTRIES = 1_000_000;

/** Every request and every statement in order. Whoever does not trust the processor can check it against this. */
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
