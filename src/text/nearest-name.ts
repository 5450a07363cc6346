/** One typo for every four letters, and no more than this. */
const MOST_SLIPS = 3;
const LETTERS_PER_SLIP = 4;
/** Parts of a name that people leave out, or replace by another unit. */
const UNIT = /_(SECONDS?|SECS?|MS|MILLISECONDS|MINUTES|HOURS|DAYS|BYTES|KB|MB|RATE|PERCENT)$/;

/** The name that somebody most likely meant; undefined if none is close. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toUpperCase().replaceAll('-', '_');
  const withoutUnit = wanted.replace(UNIT, '');
  const mostSlips = Math.min(MOST_SLIPS, Math.floor(given.length / LETTERS_PER_SLIP));
  const bySlips = names
    // The difference in length is a lower bound for the distance, which is slow to compute.
    .filter((name) => Math.abs(name.length - wanted.length) <= mostSlips)
    .map((name) => ({ name, slips: countSlips(wanted, name) }))
    .sort((one, other) => one.slips - other.slips)[0];
  if (bySlips && bySlips.slips <= mostSlips) return bySlips.name;
  return names.find((name) => name.replace(UNIT, '') === withoutUnit);
}

/** The number of missing, extra, wrong or swapped letters (optimal string alignment). */
function countSlips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped));
    }
  }
  return at(a.length, b.length);
}
