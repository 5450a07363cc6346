import { FAILPOINTS } from '../../src/process/failpoints/failpoint-catalogue.ts';
import { parseFailpoints } from '../../src/process/failpoints/parse-failpoints.ts';
import { MEMBER_NAMES } from './members.ts';
import { readOptions } from './options.ts';
import { planLife } from './plan-life.ts';
import { planMore, planTraffic } from './plan-traffic.ts';
import { planTroubles } from './plan-troubles.ts';

test('the same seed plans the same traffic, troubles and lives; another seed plans others', () => {
  const plan = (seed: number) =>
    JSON.stringify(
      [[...planTraffic(seed, 200)], planTroubles(seed, 60_000), planLife(seed, 'api-1', 0)],
      (_key, value) => (typeof value === 'bigint' ? value.toString() : value),
    );
  expect(plan(1)).toBe(plan(1));
  expect(plan(1)).not.toBe(plan(2));
});

test('every failpoint is somebody’s end within a few lives', () => {
  const lives = MEMBER_NAMES.flatMap((name) =>
    Array.from({ length: 30 }, (_, number) => planLife(3, name, number)),
  );
  const deadly = lives.flatMap(({ failpoints }) => {
    const parsed = parseFailpoints(failpoints);
    return 'armed' in parsed ? parsed.armed.filter(({ action }) => action.kind === 'kill') : [];
  });
  const met = Object.keys(FAILPOINTS).filter((name) => !/^resolve\./.test(name));
  expect(new Set(deadly.map(({ name }) => name))).toEqual(new Set(met));
});

test('each failpoint is the end of a process that passes it', () => {
  const deadlyFor = (name: 'api-1' | 'worker-1') =>
    Array.from({ length: 60 }, (_, number) => planLife(3, name, number).failpoints.split('=')[0] as string);
  const ofApis = new Set(deadlyFor('api-1'));
  for (const name of [
    'wallet.after_commit',
    'transfer.before_commit',
    'convert.after_commit',
    'quote.after_commit',
  ])
    expect(ofApis).toContain(name);
  expect(deadlyFor('worker-1').filter((name) => ofApis.has(name))).toEqual([]);
});

test('every setting of failpoints that is planned can be read', () => {
  for (const name of MEMBER_NAMES) {
    for (let number = 0; number < 50; number += 1) {
      expect(parseFailpoints(planLife(9, name, number).failpoints)).toHaveProperty('armed');
    }
  }
});

test('the shortest run meets every kind of trouble, in order of time', () => {
  const troubles = planTroubles(5, 20_000);
  expect(new Set(troubles.map(({ kind }) => kind)).size).toBe(14);
  const times = troubles.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(Math.max(...times)).toBeLessThan(20_000);
});

test('traffic asks for as many payments as were wanted, in every kind of scene', () => {
  const scenes = [...planTraffic(1, 2000)];
  expect(new Set(scenes.map(({ kind }) => kind)).size).toBe(14);
  const asked = scenes.reduce((sum, scene) => sum + (scene.kind === 'race' ? scene.requests.length : 1), 0);
  expect(asked).toBeGreaterThanOrEqual(2000);
});

test('scenes for when too little has happened are other ones each time, with keys of their own', () => {
  const keysOf = (number: number) =>
    planMore(1, number).flatMap((scene) => ('request' in scene ? [scene.request.key] : []));
  const keys = [1, 2, 3].flatMap(keysOf);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).not.toHaveLength(0);
  const kinds = planMore(1, 1).map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(['hold', 'transfer', 'conversion', 'fee', 'freeze']));
});

test('without a seed one is drawn', () => {
  expect(readOptions([]).seed).not.toBe(readOptions([]).seed);
});

test('the options are read', () => {
  expect(readOptions(['--seed', '7', '--minutes', '0.5', '--payments', '100', '--keep'])).toEqual({
    seed: 7,
    minutes: 0.5,
    paymentCount: 100,
    keepsFolder: true,
  });
});

test.each([
  ['--seed', 'x'],
  ['--seed', '1.5'],
  ['--minutes', '0'],
  ['--payments', '-1'],
  ['--sed', '1'],
])('%s %s is refused', (...args) => {
  expect(() => readOptions(args)).toThrow(/npm run prove/);
});
