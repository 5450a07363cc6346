import type { BenchServer } from '../harness/bench-server.ts';
import type { Children } from '../harness/children.ts';
import type { BenchOptions } from '../harness/read-options.ts';
import type { EndToEndRun } from './end-to-end-run.ts';

/** What a part has to work with. */
export interface PartContext {
  readonly server: BenchServer;
  readonly children: Children;
  readonly options: Pick<BenchOptions, 'seconds' | 'rounds'>;
  /** The end-to-end run, if it was part of this run. */
  readonly endToEnd: { run?: Promise<EndToEndRun> };
  /** Prints a line for the person who is waiting. */
  readonly say: (line: string) => void;
}

/** The figures of a part, by the names that they have in the results. */
export type PartResult = Readonly<Record<string, unknown>>;

export type Part = (context: PartContext) => Promise<PartResult>;

/** One of those being compared; `measure` takes one turn. */
export interface Contender<Sample> {
  readonly name: string;
  measure(): Promise<Sample>;
}

/**
 * Lets each contender have its turn, round after round (A B C A B C ...), so that whatever else the machine does meets all of
 * them alike.
 * @returns the samples of each contender, in the order of the rounds.
 */
export async function interleave<Sample>(
  contenders: readonly Contender<Sample>[],
  {
    rounds,
    onSample,
  }: { readonly rounds: number; readonly onSample?: (name: string, sample: Sample) => void },
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const { name, measure } of contenders) {
      const sample = await measure();
      samples.get(name)?.push(sample);
      onSample?.(name, sample);
    }
  }
  return samples;
}
