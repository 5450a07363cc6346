import type { AsyncCommand } from 'fast-check';
import { compareWithOracle } from '../compare.ts';
import type { Oracle } from '../oracle.ts';
import type { RealSystem } from '../real-system.ts';
import type { ModelRequest } from '../requests/model-request.ts';
import type { ModelTally } from '../tally.ts';

/** What commands know of their run. */
export interface Model {
  /** Another one once several orders of events were possible. */
  oracle: Oracle;
  readonly runName: string;
  /** Requests with keys, which may come again. */
  readonly sent: ModelRequest[];
  readonly tally: ModelTally;
}
export type Command = AsyncCommand<Model, RealSystem>;

/** A command that compares everything when it is done. */
export function command(
  label: string,
  run: (model: Model, real: RealSystem) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command {
  return {
    check,
    async run(model, real) {
      await run(model, real);
      await compareWithOracle(model.oracle, real);
    },
    toString: () => label,
  };
}
