import { createMetricsPage } from './metrics-page.ts';

function pageOf({ maxAgeMs = 1000 } = {}) {
  const world = { nowMs: 0, madeCount: 0, isBroken: false };
  const page = createMetricsPage(
    {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      async metrics() {
        world.madeCount += 1;
        if (world.isBroken) throw new Error('no metrics');
        return `made ${world.madeCount}`;
      },
    },
    { maxAgeMs, now: () => world.nowMs },
  );
  return { world, page };
}

test('simultaneous requests get one page, and requests within its age get it again', async () => {
  const { world, page } = pageOf();
  expect(await Promise.all([page.read(), page.read(), page.read()])).toEqual(['made 1', 'made 1', 'made 1']);
  world.nowMs = 999;
  expect(await page.read()).toBe('made 1');
  world.nowMs = 1000;
  expect(await Promise.all([page.read(), page.read()])).toEqual(['made 2', 'made 2']);
});

test('a page that could not be rendered is not kept', async () => {
  const { world, page } = pageOf();
  world.isBroken = true;
  await expect(page.read()).rejects.toThrow('no metrics');
  world.isBroken = false;
  expect(await page.read()).toBe('made 2');
});

test('without an age every request gets a new page', async () => {
  const { page } = pageOf({ maxAgeMs: 0 });
  expect([await page.read(), await page.read()]).toEqual(['made 1', 'made 2']);
});
