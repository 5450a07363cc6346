import type { Tally } from '../processes/tally.ts';
import type { GatewayCall, World } from '../world/world.ts';

/** Counts the gateway's statements that were false, meant nothing, or lagged behind what it had done. */
export function countWords(
  { calls, book }: Pick<World, 'calls' | 'book'>,
  tally: Pick<Tally, 'count'>,
): void {
  const executedAt = new Map(book.map(({ reference, executedAt }) => [reference, executedAt]));
  for (const call of calls) {
    const name = nameOf(call, executedAt);
    if (name) tally.count(name);
  }
}

function nameOf(
  { kind, result, reference, at }: GatewayCall,
  executedAt: ReadonlyMap<string, Date>,
): string | undefined {
  if (result === 'misreported')
    return `misreported in ${kind === 'answer' ? 'an answer' : kind === 'inquiry' ? 'an inquiry' : 'a callback'}`;
  if (result === 'vague' || result === 'execute_then_vague') return 'answered vaguely';
  const executed = executedAt.get(reference);
  const isLagging = kind === 'inquiry' && result === 'not_found' && executed !== undefined && executed < at;
  return isLagging ? 'inquiry that missed an execution' : undefined;
}
