import { keepBuilt } from './keep-built.ts';

test('what was built is given again, and beyond a bound the oldest is built anew', () => {
  const asked: string[] = [];
  const schemaOf = keepBuilt((name) => {
    asked.push(name);
    return { name };
  });
  const names = Array.from({ length: 200 }, (_, index) => `currency ${index}`);
  const built = names.map(schemaOf);
  expect(names.map(schemaOf)).toEqual(built);
  expect(asked).toEqual(names);

  schemaOf('one more');
  expect(schemaOf(names[1]!)).toBe(built[1]);
  expect(schemaOf(names[0]!)).toEqual(built[0]);
  expect(asked).toEqual([...names, 'one more', names[0]]);
});
