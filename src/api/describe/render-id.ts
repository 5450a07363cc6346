/** The id of something that may not be there. */
export function idOrNull(id: bigint | null): number | null {
  return id === null ? null : Number(id);
}
