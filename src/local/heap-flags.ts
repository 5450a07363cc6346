/**
 * How much heap our processes may use. By default, V8 lets garbage pile up to a share of the machine's memory before it collects, so under
 * load a process takes twice what it needs. What our processes hold is bounded (batches, waiting requests) and far below this limit, and
 * the API sheds load before it gets there. package.json and docker-compose.yml start processes with the same flags.
 */
export const HEAP_FLAGS = ['--max-old-space-size=192', '--max-semi-space-size=32'] as const;
