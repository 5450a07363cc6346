import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startTestApi } from '../support/api-server.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { ROOT } from '../support/monitoring-files.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type ConsoleStack, startConsoleStack } from './console-stack.ts';

const isInstalled = findChromium() !== undefined;
const isDrawing = process.env.WRITE_DOCS === 'true';
if (!isInstalled) {
  process.stderr.write(
    'Skipped: the console in a real browser, because no Chromium is installed here (Debian: apt-get install chromium).\n',
  );
}
// Where everything must run, what is missing is a failure.
const suite = isInstalled || process.env.CI === 'true' ? describe : describe.skip;
const PICTURES = path.join(ROOT, 'docs', 'console');
const PATIENCE_MS = 20_000;

suite('the console', () => {
  let stack: ConsoleStack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained of: errors, refused content, requests to elsewhere. */
  let complaints: string[];

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startConsoleStack(), launchChromium()]);
    mkdirSync(PICTURES, { recursive: true });
  }, 120_000);
  beforeEach(async () => {
    ({ context, page, complaints } = await openContext(stack.api.origin));
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  }, 60_000);

  async function openContext(origin: string, options: Parameters<Browser['newContext']>[0] = {}) {
    const opened = await browser.newContext({
      viewport: { width: 1180, height: 820 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      colorScheme: 'light',
      ...options,
    });
    opened.setDefaultTimeout(PATIENCE_MS);
    const newPage = await opened.newPage();
    const heard: string[] = [];
    newPage.on('pageerror', (error) => heard.push(`error: ${error.message}`));
    newPage.on('console', (message) => {
      // An answer that is a problem is shown on the page; the browser writes it here as well.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        heard.push(`console: ${message.text()}`);
    });
    newPage.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
        heard.push(`request to ${request.url()}`);
    });
    return { context: opened, page: newPage, complaints: heard };
  }

  const open = (place: string) => page.goto(`${stack.api.origin}/console/#${place}`);
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const heading = (name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  const button = (name: string | RegExp) => page.getByRole('button', { name }).first();
  async function fillDialog(values: Record<string, string>, action: string): Promise<void> {
    const dialog = page.getByRole('dialog');
    for (const [label, value] of Object.entries(values)) await dialog.getByLabel(label).fill(value);
    await dialog.getByRole('button', { name: action, exact: true }).click();
  }
  const dialogIsGone = () => page.getByRole('dialog').waitFor({ state: 'detached' });
  const isWide = () =>
    page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  async function draw(name: string): Promise<void> {
    if (isDrawing) await page.screenshot({ path: path.join(PICTURES, `${name}.png`), scale: 'css' });
  }

  test('the overview shows what happens, with charts that move', async () => {
    await open('/');
    await heading('Overview');
    await see('Median to success');
    await page.getByRole('img', { name: /Throughput/ }).waitFor();
    await page
      .getByRole('link', { name: /dead letters/ })
      .first()
      .waitFor();
    if (isDrawing) {
      for (let sent = 0; sent < 120; sent += 1) {
        await stack.api.post('/api/v1/payments/deposit', { user_id: Number(stack.userId), deposit: 1 });
        await page.waitForTimeout(60 + (60 * Math.abs(30 - (sent % 60))) / 10);
      }
    }
    const readChart = () => page.getByRole('img', { name: /Throughput/ }).getAttribute('aria-label');
    await waitUntil('a rate on the chart', async () => !(await readChart())?.includes('unknown'), {
      deadlineMs: PATIENCE_MS,
    });
    await draw('overview');
    await page.emulateMedia({ colorScheme: 'dark' });
    await waitUntil(
      'dark',
      async () => (await page.evaluate('document.documentElement.dataset.theme')) === 'dark',
    );
    // Colours fade from one theme to the other.
    if (isDrawing) await page.waitForTimeout(2500);
    await draw('overview-dark');
  }, 90_000);

  test('a payment is found by its key, its reference, its user and its id', async () => {
    await open('/payments');
    await page.getByRole('row').nth(5).waitFor();
    await draw('payments');
    await page.getByLabel('Find by').selectOption('idempotency_key');
    await page.getByLabel('What it is').fill('order-4711');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: String(stack.keyedId), exact: true }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);

    await page.getByLabel('Find by').selectOption('gateway_reference');
    await page.getByLabel('What it is').fill('nothing-like-it');
    await button('Find').click();
    await see('No payment has this');

    await page.getByLabel('Find by').selectOption('user_id');
    await page.getByLabel('What it is').fill(String(stack.userId));
    await page.getByLabel('Status').selectOption('unknown');
    await button('Find').click();
    await waitUntil('the unknown ones', async () => (await page.getByRole('row').count()) === 3, {
      deadlineMs: PATIENCE_MS,
    });

    await page.getByLabel('Find by').selectOption('id');
    await page.getByLabel('What it is').fill(String(stack.settledId));
    await button('Find').click();
    await heading(`Payment ${stack.settledId}`);
  }, 60_000);

  test("a payment's page tells what happened to it", async () => {
    await open(`/payments/${stack.settledId}`);
    await see('Ledger: settle');
    await see('Try 1:');
    await draw('payment');
    await open('/payments/999999');
    await see('There is no payment 999999.');
  });

  test('a dead letter is redriven and another discarded', async () => {
    await open('/dead-letters');
    await page.getByRole('row').nth(3).waitFor();
    await draw('dead-letters');
    await page.getByLabel('Reason').selectOption('refused');
    await waitUntil('the refused ones', async () => (await page.getByRole('row').count()) === 7, {
      deadlineMs: PATIENCE_MS,
    });
    await page.locator('td').getByRole('button', { name: 'Redrive' }).first().click();
    await fillDialog({ 'Your name': 'ana' }, 'Redrive');
    await dialogIsGone();
    await page.locator('td').getByRole('button', { name: 'Discard' }).first().click();
    await page.getByRole('dialog').getByLabel('Reason').fill('paid by hand');
    await draw('dialog');
    // The name was kept.
    await fillDialog({}, 'Discard');
    await dialogIsGone();
    await waitUntil('two letters fewer', async () => (await page.getByRole('row').count()) === 5, {
      deadlineMs: PATIENCE_MS,
    });
    await page.getByLabel('State').selectOption('handled');
    await see('by ana: paid by hand');
  }, 60_000);

  test('many letters are redriven by a filter, after a preview of how many', async () => {
    await open('/dead-letters?reason=attempts_exhausted&state=open');
    await button('Redrive all that match (3)').click();
    await see('Redrive 3 dead letters');
    await fillDialog(
      { 'Letters per second': '1', 'Your name': 'ana', Reason: 'the gateway is back' },
      'Redrive them',
    );
    await dialogIsGone();
    await page.getByRole('progressbar').first().waitFor();
    await see(/[12] redriven of 3/);
    await draw('bulk-redrive');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await fillDialog({}, 'Stop it');
    await dialogIsGone();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await fillDialog({}, 'Let it go on');
    await dialogIsGone();
    await waitUntil(
      'all redriven',
      async () => (await stack.api.get('/api/v1/bulk-redrives')).json.items[0].redriven === 3,
      { deadlineMs: 40_000 },
    );
    await see('No open dead letter fits.');
  }, 90_000);

  test('letters that were chosen are redriven, but for those whose money may have moved', async () => {
    await open('/dead-letters?reason=refused');
    const choices = page.getByRole('checkbox');
    const redriveFirstTwo = async () => {
      await choices.first().check();
      await choices.nth(1).check();
      await button('Redrive the chosen (2)').click();
      await fillDialog({ 'Your name': 'ana', Reason: 'again' }, 'Redrive them');
      await dialogIsGone();
    };
    await page.getByRole('row').nth(4).waitFor();
    await redriveFirstTwo();
    await waitUntil('two letters fewer', async () => (await page.getByRole('row').count()) === 3, {
      deadlineMs: PATIENCE_MS,
    });
    await redriveFirstTwo();
    // It stands among the redrives that ended, which are folded away.
    await page
      .getByText(/2 left alone, because the money may have moved/)
      .first()
      .waitFor({ state: 'attached' });
    expect(await page.getByRole('row').count()).toBe(3);
  }, 60_000);

  test('an unknown payment is resolved with evidence, either way', async () => {
    await open('/unknown');
    await see('Tries that may have moved the money');
    await draw('unknown');
    await button(/It was executed/).click();
    await fillDialog({ 'Your name': 'ana', Reason: 'they said so', Evidence: 'ticket 4711' }, 'Settle it');
    await dialogIsGone();
    await waitUntil('one left', async () => (await page.getByRole('article').count()) === 1, {
      deadlineMs: PATIENCE_MS,
    });
    await button(/It was not executed/).click();
    await fillDialog({ Reason: 'not on the statement', Evidence: 'page 3' }, 'Fail it');
    await dialogIsGone();
    await see('No payment is unknown.');
    await open(`/payments/${stack.unknownIds[0]}`);
    await see('ana resolved it');
  }, 60_000);

  test('a wallet shows its balance and its statement', async () => {
    await open('/wallets');
    await page.getByLabel('User id').fill(String(stack.userId));
    await page.keyboard.press('Enter');
    await see('Balance after');
    await see('Held by withdrawals');
    await draw('wallet');
    await open('/wallets/999999');
    await see('There is no user 999999.');
  });

  test('claiming is paused and resumed, and workers tell that they live', async () => {
    await open('/workers');
    await see('alive');
    await button('Pause claiming').click();
    await fillDialog({ 'Your name': 'ana', Reason: 'the gateway moves house' }, 'Pause');
    await see(/Claiming is paused since .* by ana: the gateway moves house/);
    await draw('workers');
    await button('Resume claiming').click();
    await fillDialog({}, 'Resume');
    await button('Pause claiming').waitFor();
  }, 60_000);

  test('integrity is checked, a violation acknowledged, and differences are dealt with', async () => {
    await stack.database.pool.query(
      `insert into integrity_violations (rule, subject, fingerprint, detail)
       values ('balance_equals_entries', 'account:999999', 'x', 'stored 5 posted, entries say 0')`,
    );
    await open('/integrity');
    await see('stored 5 posted');
    await draw('integrity');
    await button('Acknowledge').click();
    await fillDialog({ 'Your name': 'ana', Reason: 'known since the move' }, 'Let it stand');
    await see('No violation stands');
    await button('Check now').click();
    await see(/The check is/);
    await page.getByRole('button', { name: 'Close …' }).first().click();
    await fillDialog({ 'Your name': 'ana', Reason: 'the gateway reversed it' }, 'Close it');
    await dialogIsGone();
    await waitUntil(
      'one open',
      async () => (await page.getByRole('button', { name: 'Close …' }).count()) === 1,
      { deadlineMs: PATIENCE_MS },
    );
    await page.getByRole('button', { name: 'To suspense …' }).click();
    await fillDialog({ Reason: 'ticket 4711' }, 'Post it');
    await see('No difference is open');
  }, 60_000);

  test('a refusal of the API is shown in the dialog, which stays', async () => {
    await open('/workers');
    await button('Pause claiming').click();
    await page.route('**/api/v1/workers/pause', (route) => route.abort());
    await fillDialog({ 'Your name': 'ana', Reason: 'x' }, 'Pause');
    await see('It is not known whether it was done');
    await page.keyboard.press('Escape');
    await dialogIsGone();
  });

  test('when the API is away the page keeps what it has and says so', async () => {
    await open('/workers');
    await see('alive');
    await page.route('**/api/v1/workers', (route) => route.abort());
    await see('The API gives no answer.');
    await see('alive');
    await page.unroute('**/api/v1/workers');
    await page.getByText('The API gives no answer.').waitFor({ state: 'detached' });
  });

  test('keys open pages and go to the search', async () => {
    await open('/');
    await heading('Overview');
    await page.keyboard.press('2');
    await heading('Payments');
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.name')).toBe('text');
    await page.keyboard.type('31');
    // Digits that are typed are not shortcuts.
    await heading('Payments');
  });

  test('it is dark where the system is, and where a person wants it', async () => {
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    await page.emulateMedia({ colorScheme: 'dark' });
    await open('/');
    await heading('Overview');
    await waitUntil('dark', async () => (await theme()) === 'dark');
    await page.getByLabel('Colours').selectOption('light');
    await waitUntil('light', async () => (await theme()) === 'light');
    await page.reload();
    await heading('Overview');
    await waitUntil('light still', async () => (await theme()) === 'light');
  });

  test('on a phone every page fits its width', async () => {
    await page.setViewportSize({ width: 390, height: 780 });
    for (const place of [
      '/',
      '/payments',
      `/payments/${stack.settledId}`,
      '/dead-letters?state=all',
      '/unknown',
      `/wallets/${stack.userId}`,
      '/workers',
      '/integrity',
    ]) {
      await open(place);
      await page.locator('main h1').waitFor();
      await page.waitForLoadState('networkidle');
      expect([place, await isWide()]).toEqual([place, false]);
      if (place.startsWith('/dead')) await draw('phone');
    }
  }, 60_000);

  test('with a token set, it asks for it, and keeps it for the tab', async () => {
    const api = await startTestApi(stack.database.databaseUrl, { OPERATOR_TOKEN: 'a-token-of-an-operator' });
    const guarded = await openContext(api.origin);
    try {
      await guarded.page.goto(`${api.origin}/console/`);
      await guarded.page.getByLabel('Operator token').fill('a-token-that-is-wrong');
      await guarded.page.getByRole('button', { name: 'Log in' }).click();
      await guarded.page.getByText('does not fit').waitFor();
      await guarded.page.getByLabel('Operator token').fill('a-token-of-an-operator');
      await guarded.page.keyboard.press('Enter');
      await guarded.page.getByRole('heading', { name: 'Overview' }).waitFor();
      await guarded.page.reload();
      await guarded.page.getByRole('heading', { name: 'Overview' }).waitFor();
      await guarded.page.getByRole('button', { name: 'Log out' }).click();
      await guarded.page.getByLabel('Operator token').waitFor();
      expect(guarded.complaints).toEqual([]);
    } finally {
      await guarded.context.close();
      await api.stop();
    }
  }, 60_000);
});
