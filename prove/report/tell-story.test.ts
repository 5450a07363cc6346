import { createHealthyWorld } from '../checks/healthy-world.ts';
import { countAnswers } from './count-answers.ts';
import { tellStory } from './tell-story.ts';

const world = createHealthyWorld();

test('the story of a payment has what clients, attempts, ledger and gateway know of it, in order', () => {
  const [title, ...events] = tellStory(world, 1n);
  expect(title).toBe('payment 1, reference r1, success');
  const parts = events.map((line) => line.replace(/^ *\S+ +/, ''));
  expect(parts.map((line) => line.split(' ')[0])).toEqual([
    ...['client', 'client', 'payment', 'attempt'],
    ...['gateway', 'gateway', 'attempt', 'attempt', 'gateway', 'gateway', 'gateway'],
    ...['payment', 'attempt', 'ledger', 'evidence'],
  ]);
  expect(parts.at(-2)).toBe('ledger   settle: gateway 2 -20000, wallet 1 19600, fee 3 400');
});

test('a payment that is not in the database has a story too', () => {
  expect(tellStory(world, 99n)).toEqual(['payment 99, reference none, not in the database']);
});

test('answers are counted by status, code and whether they were replays', () => {
  const lost = { ...world.answers[0]!, status: null, code: 'hung up' };
  expect([...countAnswers([...world.answers, lost])]).toEqual([
    ['202', 4],
    ['202 replayed', 1],
    ['no answer: hung up', 1],
  ]);
});
