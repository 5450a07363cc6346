import { describeNextQuestion } from '../../src/console/describe-question.ts';

const NOW_MS = 1_000_000;
const fleet = (alive: number, breakers: Record<string, number>, paused = false) => ({
  alive,
  paused,
  breakers,
  further_breakers: { bank: { open: alive } },
});
const say = (inMs: number, workers: ReturnType<typeof fleet> | undefined) =>
  describeNextQuestion({ atMs: NOW_MS + inMs, text: 'at noon' }, { nowMs: NOW_MS, workers });

test.each([
  ['a question that is planned', 1000, fleet(2, { closed: 2 }), /^at noon$/],
  ['one that is due', -1000, fleet(2, { closed: 2 }), /^Due now$/],
  ['one that a worker can ask', -1000, fleet(2, { open: 1, closed: 1 }), /^Due now$/],
  [
    'one while claiming is paused, which stops no questions',
    1000,
    fleet(2, { closed: 2 }, true),
    /^at noon$/,
  ],
  ['one that is due and cannot be asked', -7_200_000, fleet(2, { open: 2 }), /^Waits for the gateway/],
  ['one that is due while a probe is under way', -1000, fleet(1, { half_open: 1 }), /^Waits for the gateway/],
  ['one that is planned and may not be asked then', 1000, fleet(1, { open: 1 }), /^at noon at the earliest/],
  ['one that nobody asks', -1000, fleet(0, {}), /^Waits for a worker/],
  ['one that may find nobody', 1000, fleet(0, {}), /^at noon, if a worker is running/],
  ['one of which nothing else is known', -1000, undefined, /^Due now$/],
])('%s', (_what, inMs, workers, text) => {
  expect(say(inMs, workers)).toMatch(text);
});

test('the breakers of the gateway that is asked count, and no others', () => {
  const next = { atMs: NOW_MS - 1000, text: 'at noon' };
  const workers = fleet(2, { closed: 2 });
  expect(describeNextQuestion(next, { nowMs: NOW_MS, workers, gateway: 'bank' })).toMatch(
    /^Waits for the gateway/,
  );
  expect(describeNextQuestion(next, { nowMs: NOW_MS, workers, gateway: 'yen' })).toBe('Due now');
});
