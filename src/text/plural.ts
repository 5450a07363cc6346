/** A count with its noun: "1 attempt", "2 attempts"; `many` for a noun with an irregular plural. */
export function countOf(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count} ${BigInt(count) === 1n ? one : many}`;
}
