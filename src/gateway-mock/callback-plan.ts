import type { Behaviour } from './behaviour.ts';
import { drawNumbers } from './draw-numbers.ts';

/** When the deliveries of one callback are due, in milliseconds after the outcome. */
export interface CallbackPlan {
  readonly delaysMs: readonly number[];
}

/** The delay of a callback that is held back is multiplied by this, so that many others overtake it. */
const HELD_BACK_FACTOR = 10;

/**
 * Plans the deliveries of one callback. Only the seed and the reference matter, so a seed gives the same duplicates and delays under any
 * load.
 */
export function planCallback(
  behaviour: Pick<Behaviour, 'callback_delay_ms' | 'callback_duplicate_rate' | 'callback_reorder_rate'>,
  { seed, reference }: { readonly seed: string; readonly reference: string },
): CallbackPlan {
  const [jitter, secondJitter] = drawNumbers(`callback delay ${seed} ${reference}`);
  const [duplicate, reorder] = drawNumbers(`callback fault ${seed} ${reference}`);
  const isHeldBack = reorder < behaviour.callback_reorder_rate;
  const delayMs = behaviour.callback_delay_ms * (0.5 + jitter) * (isHeldBack ? HELD_BACK_FACTOR : 1);
  const again = behaviour.callback_delay_ms * (0.5 + secondJitter);
  return { delaysMs: duplicate < behaviour.callback_duplicate_rate ? [delayMs, again] : [delayMs] };
}
