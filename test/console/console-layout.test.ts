import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { FIND_ACCESSIBILITY_FAULTS } from './accessibility-faults.ts';
import { findAxeFaults } from './axe-faults.ts';
import { FIND_WIDE, inBrowser, openContext, whenShown } from './console-browser.ts';
import { makeMoney } from './console-money.ts';
import { type ConsoleStack, startConsoleStack } from './console-stack.ts';

const LONG = 'x'.repeat(255);
const PHONE = { width: 360, height: 740 };
const TABLET = { width: 768, height: 1000 };
const DESK = { width: 1280, height: 900 };

/** Gives everything that holds text of others the longest word that fits. */
async function lengthenEverything(stack: ConsoleStack): Promise<void> {
  const run = (text: string) => stack.database.pool.query(text);
  await run(`update payment_dlq set error = '${LONG}'`);
  await run(`update payment_dlq set action = 'discarded', action_at = now(), action_by = '${LONG.slice(0, 100)}',
    action_reason = '${LONG}' where id = (select max(id) from payment_dlq)`);
  await run(`update payment_attempts set error = '${LONG}', worker = '${LONG}'`);
  await run(
    `update payments set last_error = '${LONG}', gateway_reference = '${LONG}' where status <> 'new'`,
  );
  await run(`update order_holds set order_id = left('${LONG}', 198) || id where status = 'open'`);
  await run(`update exchange_rates set approved_at = now(), approved_by = '${LONG.slice(0, 100)}', approved_reason = '${LONG}'
    where state = 'current'`);
  await run(`update payment_inquiries set last_answer = '${LONG}', asked_count = 3`);
  await run(`insert into workers (id, host, process_id, version, started_at, heartbeat_at, state)
    values ('${LONG}', '${LONG}', 1, '${LONG}', now(), now() - interval '1 hour', '{"gateway":{"breaker":"open"}}')`);
  await run(`insert into claim_pauses (paused_by, reason) values ('${LONG.slice(0, 100)}', '${LONG}')`);
  await run(`insert into bulk_redrives (letter_reasons, last_letter_id, per_second, total_count, requested_by, reason, state)
    values ('{refused}', 0, 1, 5, '${LONG.slice(0, 100)}', '${LONG}', 'stopped')`);
  await run(`insert into integrity_violations (rule, subject, fingerprint, detail)
    values ('balance_equals_entries', 'account:${LONG}', 'x', '${LONG}')`);
  await run(`insert into reconciliation_differences (reference, kind, source, ours, theirs, dedupe_key)
    values ('${LONG}', 'missing_here', 'report', null, '{"status":"succeeded","amount":"5","currency":"USD","gateway_reference":"${LONG}"}', 'long')`);
  await run(`insert into reconciliation_reports (status, started_by, cut_off_at, finished_at, error)
    values ('failed', 'command', now(), now(), '${LONG}')`);
  await run(`insert into payment_resolutions (payment_id, outcome, resolved_by, reason, evidence)
    values (${stack.settledId}, 'executed', '${LONG.slice(0, 100)}', '${LONG}', '${LONG}')`);
  await run(`insert into gateway_events (event_id, reference, status, amount, currency, message, raw_body, payment_id, processed_at, result)
    values ('${LONG}', 'r', 'succeeded', '50', 'USD', '${LONG}', '{}', ${stack.settledId}, now(), 'matched')`);
}

inBrowser('how the pages of the console look', () => {
  let stack: ConsoleStack;
  let browser: Browser;
  let richId: number;
  let conversionId: number;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startConsoleStack(), launchChromium()]);
    ({ userId: richId, conversionId } = await makeMoney(stack));
    await lengthenEverything(stack);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const places = () => [
    '/',
    '/payments',
    `/payments/${stack.settledId}`,
    `/payments/${stack.unknownIds[0]}`,
    `/payments/${LONG}`,
    '/dead-letters?state=all',
    `/dead-letters?user_id=${LONG}`,
    '/unknown',
    '/wallets',
    `/wallets/${stack.userId}`,
    `/wallets/${LONG}`,
    `/wallets/${richId}?currency=EUR`,
    '/holds?state=all',
    `/holds?user_id=${LONG}`,
    '/rates',
    '/fees',
    '/conversions?state=all',
    `/conversions/${conversionId}`,
    `/conversions?from=${LONG}`,
    '/workers',
    '/integrity?violations=all&differences=all',
    `/${LONG}`,
  ];

  async function visit(page: Page, place: string): Promise<void> {
    await page.goto(`${stack.api.origin}/console/#${place}`);
    await whenShown(page);
    await page.locator('details').evaluateAll((all: { open: boolean }[]) => {
      for (const each of all) each.open = true;
    });
    const to = process.env.CONSOLE_LOOK_DIR;
    if (to) {
      const { width } = page.viewportSize() ?? DESK;
      const name = place.replaceAll(/\W+/g, '-').slice(0, 30);
      await page.screenshot({ path: `${to}/${width}-${name}.png`, fullPage: true });
    }
  }

  test.each([PHONE, TABLET, DESK])(
    'no page scrolls sideways, however long its words, at $width',
    async (viewport) => {
      const { context, page, complaints } = await openContext(browser, stack.api.origin, { viewport });
      const wide: unknown[] = [];
      for (const place of places()) {
        await visit(page, place);
        const found = await page.evaluate<string[]>(FIND_WIDE);
        if (found.length > 0) wide.push([place.slice(0, 40), found]);
      }
      await context.close();
      expect(wide).toEqual([]);
      expect(complaints).toEqual([]);
    },
    360_000,
  );

  test.each([PHONE, DESK])(
    'no dialog scrolls sideways, at $width',
    async (viewport) => {
      const { context, page } = await openContext(browser, stack.api.origin, { viewport });
      await visit(page, '/integrity');
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByRole('dialog').getByLabel('Your name').fill(LONG);
      expect(await page.evaluate(FIND_WIDE)).toEqual([]);
      const box = await page.getByRole('dialog').getByRole('article').boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
      await context.close();
    },
    360_000,
  );

  test.each([
    ['light', DESK],
    ['dark', DESK],
    ['light', PHONE],
    ['dark', PHONE],
  ] as const)(
    'every page is accessible to everybody: %s, %p',
    async (colorScheme, viewport) => {
      const { context, page } = await openContext(browser, stack.api.origin, {
        viewport,
        colorScheme,
        reducedMotion: 'reduce',
      });
      const found: unknown[] = [];
      for (const place of places()) {
        await visit(page, place);
        const faults = await page.evaluate<string[]>(FIND_ACCESSIBILITY_FAULTS);
        faults.push(...(await findAxeFaults(page)));
        if (faults.length > 0) found.push([place.slice(0, 40), faults]);
      }
      for (const place of ['/workers', '/integrity?violations=all&differences=all']) {
        await visit(page, place);
        for (const control of await page.locator('button:visible:enabled, a[href]:visible').all()) {
          // A link that is read by a screen reader alone lies outside of what a mouse can reach.
          if (await control.evaluate(({ className }) => className.includes('skip'))) continue;
          await control.hover();
          const faults = await page.evaluate<string[]>(FIND_ACCESSIBILITY_FAULTS);
          if (faults.length > 0) found.push([`${place}, under the mouse`, faults]);
        }
      }
      await visit(page, '/workers');
      await page.getByRole('button', { name: 'Resume claiming' }).click();
      found.push(
        ...(await page.evaluate<string[]>(FIND_ACCESSIBILITY_FAULTS)),
        ...(await findAxeFaults(page)),
      );
      await context.close();
      expect(found).toEqual([]);
    },
    360_000,
  );

  test("every time names its zone, which is the browser's", async () => {
    const { context, page } = await openContext(browser, stack.api.origin, { timezoneId: 'Asia/Kolkata' });
    for (const place of [
      `/payments/${stack.settledId}`,
      '/workers',
      '/unknown',
      '/integrity',
      '/dead-letters',
    ]) {
      await visit(page, place);
      const times = await page.locator('time').allTextContents();
      expect([place, times.length > 0, times.filter((time) => !/GMT\+5:30|IST/.test(time))]).toEqual([
        place,
        true,
        [],
      ]);
    }
    await context.close();
  });
});
