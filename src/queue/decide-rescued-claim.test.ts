import fc from 'fast-check';
import { decideRescuedClaim } from './decide-rescued-claim.ts';

const decide = (heldRescueCounts: number[], maxRescues = 5) =>
  decideRescuedClaim({ heldRescueCounts, maxRescues, concurrency: 64 });

test('tasks that lost one worker go in groups of a quarter of the calls', () => {
  expect(decide([]).groupLimit).toBe(16);
  expect(decide([1, 1, 1]).groupLimit).toBe(13);
});

test('a task that lost two workers waits for the one that is under way', () => {
  expect(decide([]).aloneLimit).toBe(1);
  expect(decide([2]).aloneLimit).toBe(0);
  expect(decide([1]).aloneLimit).toBe(1);
});

test('if only one rescue is allowed, every rescued task runs alone', () => {
  expect(decide([], 1)).toEqual({ groupLimit: 0, aloneLimit: 1, aloneFrom: 1 });
  expect(decide([1], 1)).toMatchObject({ groupLimit: 0, aloneLimit: 0 });
});

test('a task that kills every worker becomes poison before any of its neighbours does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 64 }),
      (maxRescues, neighbourCount, concurrency) => {
        // Each round one worker takes fresh tasks and rescued ones, and dies of the killer when it has it.
        const rescues = new Map<string, number>([['killer', 0]]);
        for (let index = 0; index < neighbourCount; index += 1) rescues.set(`neighbour ${index}`, 0);
        const poisoned: string[] = [];
        for (let round = 0; round < 500 && rescues.size > 0; round += 1) {
          const of = (least: number, most: number) =>
            [...rescues].filter(([, count]) => count >= least && count <= most).map(([name]) => name);
          const { groupLimit, aloneLimit, aloneFrom } = decideRescuedClaim({
            heldRescueCounts: [],
            maxRescues,
            concurrency,
          });
          const held = [
            ...of(0, 0).slice(0, concurrency),
            ...of(aloneFrom, 1000).slice(0, aloneLimit),
            ...of(1, aloneFrom - 1).slice(0, groupLimit),
          ];
          for (const name of held) {
            const count = rescues.get(name) as number;
            if (!held.includes('killer')) rescues.delete(name);
            else if (count >= maxRescues) {
              rescues.delete(name);
              poisoned.push(name);
            } else rescues.set(name, count + 1);
          }
        }
        expect(poisoned).toEqual(['killer']);
        expect(rescues.size).toBe(0);
      },
    ),
  );
});
