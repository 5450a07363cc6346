import { spawnSync } from 'node:child_process';
import path from 'node:path';

const CLOCK = path.join(import.meta.dirname, 'shifted-clock.ts');

function readClock(shiftMs: string): number[] {
  const script = `console.log(JSON.stringify([Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date]))`;
  const { stdout } = spawnSync(process.execPath, ['--import', CLOCK, '--eval', script], {
    encoding: 'utf8',
    env: { ...process.env, PROVE_CLOCK_SHIFT_MS: shiftMs },
  });
  return JSON.parse(stdout);
}

test('a shifted process lives in another time, and knows given moments as they are', () => {
  const hourMs = 3_600_000;
  const [now = 0, created = 0, given, isDate] = readClock(String(-hourMs));
  expect(Math.abs(Date.now() - hourMs - now)).toBeLessThan(60_000);
  expect(Math.abs(Date.now() - hourMs - created)).toBeLessThan(60_000);
  expect(given).toBe(5);
  expect(isDate).toBe(true);
});
