import type { QueueCounts } from './sample-queue.sql.ts';

/**
 * Counts the payments that wait for gateways which are not among those in the settings. Pure. They are never sent anywhere else, because only
 * who was asked before knows what became of them.
 * @param configured names of gateways.
 */
export function findStranded(
  { readyElsewhere, unknownElsewhere }: Pick<QueueCounts, 'readyElsewhere' | 'unknownElsewhere'>,
  configured: readonly string[],
): Map<string, number> {
  const stranded = new Map<string, number>();
  for (const counts of [readyElsewhere, unknownElsewhere]) {
    for (const [gateway, count] of Object.entries(counts)) {
      if (count > 0 && !configured.includes(gateway))
        stranded.set(gateway, (stranded.get(gateway) ?? 0) + count);
    }
  }
  return stranded;
}
