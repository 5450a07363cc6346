import { interleave } from './part.ts';

test('contenders take turns, round after round, and each keeps its samples in order', async () => {
  const turns: string[] = [];
  const contender = (name: string) => ({
    name,
    measure: async () => {
      turns.push(name);
      return turns.length;
    },
  });
  const samples = await interleave([contender('a'), contender('b'), contender('c')], { rounds: 2 });
  expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  expect(samples.get('b')).toEqual([2, 5]);
});
