import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { armFailpoints, FailpointError, failpoint } from './failpoint.ts';
import { parseFailpoints } from './parse-failpoints.ts';

function parse(text: string) {
  const parsed = parseFailpoints(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.armed;
}

let disarm: () => void = () => {};
afterEach(() => disarm());

test('a failpoint that nobody armed does nothing', () => {
  expect(() => failpoint('settle.before_commit')).not.toThrow();
});

test('an armed failpoint acts at the hit that was asked for, and at no other', () => {
  disarm = armFailpoints(parse('settle.before_commit=error@2'));
  failpoint('settle.before_commit');
  failpoint('settle.after_commit');
  expect(() => failpoint('settle.before_commit')).toThrow(FailpointError);
  failpoint('settle.before_commit');
});

test('a list arms several failpoints, each with its action', () => {
  expect(parse('settle.before_commit=kill@3, claim.after_commit=delay:200,fold.after_commit=stop')).toEqual([
    { name: 'settle.before_commit', action: { kind: 'kill' }, hit: 3 },
    { name: 'claim.after_commit', action: { kind: 'delay', delayMs: 200 }, hit: 1 },
    { name: 'fold.after_commit', action: { kind: 'stop' }, hit: 1 },
  ]);
});

test.each(['settle.nowhere=kill', 'settle.before_commit=explode', 'settle.before_commit=kill@0', 'kill'])(
  '%s is refused',
  (text) => {
    expect(parseFailpoints(text)).toHaveProperty('problem');
  },
);

test('a failpoint that kills the process says which it was, and nothing after it runs', () => {
  const module = path.join(import.meta.dirname, 'failpoint.ts');
  const script = `
    import { armFailpoints, failpoint } from ${JSON.stringify(module)};
    armFailpoints([{ name: 'settle.before_commit', action: { kind: 'kill' }, hit: 1 }]);
    failpoint('settle.before_commit');
    console.log('still here');`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(ended.signal).toBe('SIGKILL');
  expect(
    ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ level: 'warn', event: 'failpoint.hit', failpoint: 'settle.before_commit', action: 'kill' }]);
});
