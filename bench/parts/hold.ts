import { countHoldSteps } from '../data/count-commands.sql.ts';
import { compareCommands } from './compare-commands.ts';
import type { PartContext, PartResult } from './part.ts';

/** Money is held for an order, and all of it captured for our own sales: two requests. */
export function runHold(context: PartContext): Promise<PartResult> {
  return compareCommands(context, { command: 'hold', countDone: countHoldSteps });
}
