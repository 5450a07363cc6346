/**
 * How much heap a process of ours may use. Left alone, V8 lets garbage pile up to a share of the machine's memory before it
 * collects: under load a process then takes twice what it needs. What they hold is bounded (batches, waiting requests),
 * so the limit is far above it; the API sheds load before it gets there.
 * package.json and docker-compose.yml start processes with the same flags.
 */
export const HEAP_FLAGS = ['--max-old-space-size=192', '--max-semi-space-size=32'] as const;
