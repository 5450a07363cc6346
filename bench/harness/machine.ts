import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine of a run: a rate means nothing without it. */
export interface Machine {
  readonly cpu: string;
  readonly core_count: number;
  readonly memory_gib: number;
  readonly system: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    core_count: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}
