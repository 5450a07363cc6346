import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const METER = path.join(import.meta.dirname, 'load-meter.ts');

/** What a process with a heap of 64 MB reads of itself while it runs `code`, which calls `look()` now and then. */
async function readWhile(code: string): Promise<{ memoryShare: number; eventLoopDelayMs: number }> {
  const script = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { startLoadMeter } from '${METER}';
    const meter = startLoadMeter({ onError: console.error });
    const most = { memoryShare: 0, eventLoopDelayMs: 0 };
    const kept = [];
    async function look(ms) {
      await sleep(ms);
      const { memoryShare, eventLoopDelayMs } = meter.read();
      most.memoryShare = Math.max(most.memoryShare, memoryShare);
      most.eventLoopDelayMs = Math.max(most.eventLoopDelayMs, eventLoopDelayMs);
    }
    const fill = () => Array.from({ length: 40_000 }, (_, index) => ({ index }));
    ${code}
    console.log(JSON.stringify(most));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=64',
    '--max-semi-space-size=1',
    '--input-type=module',
    '--eval',
    script,
  ]);
  return JSON.parse(stdout);
}

test('a heap full of garbage does not count as full', async () => {
  const most = await readWhile(`
    const garbage = [];
    for (let round = 0; round < 300; round += 1) {
      garbage.push(fill());
      if (garbage.length > 5) garbage.shift();
      await look(2);
    }
    await look(400);`);
  expect(most.memoryShare).toBeGreaterThan(0);
  expect(most.memoryShare).toBeLessThan(0.6);
});

test('a heap full of live data counts as full', async () => {
  const most = await readWhile(`
    while (process.memoryUsage().heapUsed < 54_000_000) {
      kept.push(fill());
      await look(2);
    }
    for (let round = 0; round < 100; round += 1) {
      new Array(10_000).fill(round);
      fill();
      await look(10);
    }
    kept.length;`);
  expect(most.memoryShare).toBeGreaterThan(0.6);
});

test('an event loop that keeps lagging is noticed, and a single pause is not', async () => {
  const block = `
    const block = (ms) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };`;
  const lagging = await readWhile(
    `${block} for (let round = 0; round < 20; round += 1) { block(150); await look(1); }`,
  );
  expect(lagging.eventLoopDelayMs).toBeGreaterThan(50);
  const paused = await readWhile(
    `${block} await look(100); block(400); for (let round = 0; round < 10; round += 1) await look(100);`,
  );
  expect(paused.eventLoopDelayMs).toBeLessThan(lagging.eventLoopDelayMs);
});
