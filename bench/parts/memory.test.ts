import { describeSizes } from './memory.ts';

const SAMPLES = 100;

test('memory that levels off has not grown in the second half, however much it grew in the first', () => {
  const sizes = Array.from({ length: SAMPLES }, (_, index) => Math.min(100 + 2 * index, 180));
  expect(describeSizes(sizes)).toMatchObject({ start_mb: 109, end_mb: 180, max_mb: 180, growth_percent: 0 });
});

test('memory that goes on growing is reported with the growth of the second half', () => {
  const sizes = Array.from({ length: SAMPLES }, (_, index) => 100 + index);
  const { middle_mb, end_mb, growth_percent } = describeSizes(sizes);
  expect([middle_mb, end_mb]).toEqual([150, 195]);
  expect(growth_percent).toBeCloseTo(30.1, 1);
});

test('one sample is start, middle and end', () => {
  expect(describeSizes([120])).toMatchObject({
    start_mb: 120,
    middle_mb: 120,
    end_mb: 120,
    growth_percent: 0,
  });
});
