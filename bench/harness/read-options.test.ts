import { PART_NAMES, readOptions } from './read-options.ts';

test('without options every part is run with its own times', () => {
  expect(readOptions([])).toEqual({
    parts: PART_NAMES,
    seconds: undefined,
    rounds: undefined,
    hasProfile: false,
    onlyReadme: false,
  });
});

test('--only takes several parts, and they are run in their usual order', () => {
  expect(readOptions(['--only', 'drain,accept', '--seconds', '1', '--rounds', '2'])).toMatchObject({
    parts: ['accept', 'drain'],
    seconds: 1,
    rounds: 2,
  });
});

test.each([
  [['--only', 'everything'], '--only takes some of'],
  [['--only', ''], '--only takes some of'],
  [['--seconds', '0'], '--seconds takes a whole number from 1 to 600'],
  [['--rounds', '1.5'], '--rounds takes a whole number from 1 to 100'],
  [['--fast'], 'The options are'],
])('%j is refused with a sentence that says what is possible', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
