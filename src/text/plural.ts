/** A number with what is counted: "1 attempt", "2 attempts"; `many` where an s does not make it. */
export function countOf(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count} ${BigInt(count) === 1n ? one : many}`;
}
