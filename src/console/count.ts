export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count);
}

/**
 * A count with its noun: "1 payment", "2 payments".
 * @param many what several are called, where an s does not make it.
 * @param shown how the number is written, where it is capped or not known yet.
 */
export function countOf(
  count: number,
  one: string,
  { many = `${one}s`, shown = formatCount(count) }: { readonly many?: string; readonly shown?: string } = {},
): string {
  return `${shown} ${count === 1 ? one : many}`;
}
