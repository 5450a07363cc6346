import type { Tally } from '../processes/tally.ts';
import type { GatewayCall, World } from '../world/world.ts';

/** Counts what the gateway said that was not so, meant nothing, or was not yet known to itself. */
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
  return isLagging ? 'inquiry that did not find an execution' : undefined;
}
