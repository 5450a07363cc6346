/** There are fewer currencies than this, and of their pairs those that are asked for often. */
const MOST_KEPT = 200;

/**
 * Keeps what was built for a currency, or for another short name: to build a schema costs more than everything else that is done for a
 * request. Names that clients choose freely cannot fill the memory: beyond `MOST_KEPT` the oldest is built again when it is asked for.
 */
export function keepBuilt<Built>(build: (name: string) => Built): (name: string) => Built {
  const kept = new Map<string, Built>();
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const built = build(name);
    kept.set(name, built);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
    return built;
  };
}
