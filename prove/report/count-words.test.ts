import { createHealthyWorld } from '../checks/healthy-world.ts';
import { createTally } from '../processes/tally.ts';
import { countWords } from './count-words.ts';

function count(changes: Parameters<typeof createHealthyWorld>[0] = {}): Record<string, number> {
  const tally = createTally();
  countWords(createHealthyWorld(changes), tally);
  return Object.fromEntries(tally.counts());
}
const { calls } = createHealthyWorld();

test('an inquiry that does not find what was carried out before it is a lag', () => {
  expect(count()).toEqual({ 'inquiry that missed an execution': 1 });
  expect(count({ book: [] })).toEqual({});
});

test('misreports are counted by where they were said, and vague answers together', () => {
  const given = (['answer', 'inquiry', 'callback'] as const).map((kind) => ({
    ...calls[0]!,
    kind,
    result: 'misreported',
  }));
  const vague = [
    { ...calls[0]!, kind: 'pay' as const, result: 'execute_then_vague' },
    { ...calls[0]!, kind: 'inquiry' as const, result: 'vague' },
  ];
  expect(count({ calls: [...given, ...vague] })).toEqual({
    'misreported in an answer': 1,
    'misreported in an inquiry': 1,
    'misreported in a callback': 1,
    'answered vaguely': 2,
  });
});
