import { parseOnce } from './parse-once.ts';

const options = { seed: { type: 'string' }, keep: { type: 'boolean' } } as const;

test('options are read', () => {
  expect(parseOnce(['--seed', '5', '--keep'], options)).toEqual({ seed: '5', keep: true });
});

test.each([
  ['--seed', '1', '--seed', '2'],
  ['--seed=1', '--keep', '--seed=1'],
  ['--keep', '--keep'],
])('an option that is given twice is refused: %s %s %s', (...args) => {
  expect(() => parseOnce(args, options)).toThrow('was given more than once.');
});
