import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startTestApi } from '../support/api-server.ts';
import { ROOT } from '../support/monitoring-files.ts';
import { waitUntil } from '../support/wait-until.ts';
import { breakBalance } from './break-balance.ts';
import { FIND_WIDE, openContext, PATIENCE_MS, whenShown } from './console-browser.ts';
import { describeConsole } from './console-tab.ts';

const isDrawing = process.env.WRITE_DOCS === 'true';
const PICTURES = path.join(ROOT, 'docs', 'console');

describeConsole('the console', {}, (tab) => {
  const { open, see, dialogIsGone } = tab;
  beforeAll(() => void mkdirSync(PICTURES, { recursive: true }));

  const heading = (name: string) => tab.page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  const button = (name: string | RegExp) => tab.page.getByRole('button', { name }).first();
  async function fillDialog(values: Record<string, string>, action: string): Promise<void> {
    const dialog = tab.page.getByRole('dialog');
    for (const [label, value] of Object.entries(values)) await dialog.getByLabel(label).fill(value);
    await dialog.getByRole('button', { name: action, exact: true }).click();
  }
  async function draw(name: string): Promise<void> {
    if (isDrawing) await tab.page.screenshot({ path: path.join(PICTURES, `${name}.png`), scale: 'css' });
  }

  test('the overview shows what is happening, with charts that follow it', async () => {
    await open('/');
    await heading('Overview');
    await see('Median time to success');
    await tab.page.getByRole('img', { name: /Throughput/ }).waitFor();
    await tab.page
      .getByRole('link', { name: /failed payments/ })
      .first()
      .waitFor();
    if (isDrawing) {
      for (let sent = 0; sent < 120; sent += 1) {
        await tab.stack.api.post('/api/v1/payments/deposit', {
          user_id: Number(tab.stack.userId),
          deposit: 1,
        });
        await tab.page.waitForTimeout(60 + (60 * Math.abs(30 - (sent % 60))) / 10);
      }
    }
    const readChart = () => tab.page.getByRole('img', { name: /Throughput/ }).getAttribute('aria-label');
    await waitUntil('a rate on the chart', async () => !(await readChart())?.includes('unknown'), {
      deadlineMs: PATIENCE_MS,
    });
    await draw('overview');
    await tab.page.emulateMedia({ colorScheme: 'dark' });
    await waitUntil(
      'dark',
      async () => (await tab.page.evaluate('document.documentElement.dataset.theme')) === 'dark',
    );
    // Colours fade from one theme to the other.
    if (isDrawing) await tab.page.waitForTimeout(2500);
    await draw('overview-dark');
  });

  test('a payment is found by its key, its reference, its user and its id', async () => {
    await open('/payments');
    await tab.page.getByRole('row').nth(5).waitFor();
    await draw('payments');
    await tab.page.getByLabel('Key or reference').fill('order-4711');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('link', { name: String(tab.stack.keyedId), exact: true }).waitFor();
    await waitUntil('it alone', async () => (await tab.page.getByRole('row').count()) === 2);

    await tab.page.getByLabel('Search by').selectOption('gateway_reference');
    await tab.page.getByLabel('Key or reference').fill('nothing-like-it');
    await button('Search').click();
    await see('No payment matches');

    await tab.page.getByLabel('Key or reference').fill('');
    await tab.page.getByLabel('User ID').fill(String(tab.stack.userId));
    await tab.page.getByLabel('Status').selectOption('unknown');
    await button('Search').click();
    await waitUntil('the unknown ones', async () => (await tab.page.getByRole('row').count()) === 3, {
      deadlineMs: PATIENCE_MS,
    });

    await tab.page.getByLabel('Payment ID').fill(String(tab.stack.settledId));
    await button('Open').click();
    await heading(`Payment ${tab.stack.settledId}`);
  });

  test("a payment's page tells what happened to it", async () => {
    await open(`/payments/${tab.stack.settledId}`);
    await see('Ledger: settle');
    await see('Attempt 1:');
    await draw('payment');
    await open('/payments/999999');
    await see('There is no payment 999999.');
  });

  test('one dead letter is redriven and another discarded', async () => {
    await open('/dead-letters');
    await tab.page.getByRole('row').nth(3).waitFor();
    await draw('dead-letters');
    await tab.page.getByLabel('Reason').selectOption('refused');
    await waitUntil('the refused ones', async () => (await tab.page.getByRole('row').count()) === 7, {
      deadlineMs: PATIENCE_MS,
    });
    await tab.page.locator('td').getByRole('button', { name: 'Redrive' }).first().click();
    await fillDialog({ 'Your name': 'ana' }, 'Redrive');
    await dialogIsGone();
    await tab.page.locator('td').getByRole('button', { name: 'Discard' }).first().click();
    await tab.page.getByRole('dialog').getByLabel('Reason').fill('paid by hand');
    await draw('dialog');
    // The name was kept.
    await fillDialog({}, 'Discard');
    await dialogIsGone();
    await waitUntil('two letters fewer', async () => (await tab.page.getByRole('row').count()) === 5, {
      deadlineMs: PATIENCE_MS,
    });
    await tab.page.getByLabel('State').selectOption('handled');
    await see('by ana: paid by hand');
  });

  test('many letters are redriven by a filter, after a preview of how many', async () => {
    await open('/dead-letters?reason=attempts_exhausted&state=open');
    // It waits after its first letter, so that it is under way for as long as it is looked at and stopped.
    const { pool } = tab.stack.database;
    await pool.query(`
      create function wait_with_the_rest() returns trigger language plpgsql as
      $$ begin new.next_slice_at = now() + interval '1 hour'; return new; end $$;
      create trigger wait_with_the_rest before update on bulk_redrives
        for each row when (new.redriven_count > 0) execute function wait_with_the_rest()`);
    await button('Redrive all matching (8)').click();
    await see('Redrive 8 dead letters');
    await fillDialog(
      { 'Letters per second': '1', 'Your name': 'ana', Reason: 'the gateway is back' },
      'Redrive them',
    );
    await dialogIsGone();
    await tab.page.getByRole('progressbar').first().waitFor();
    await see(/8 letters: [1-7] redriven/);
    await draw('bulk-redrive');
    await tab.page.getByRole('button', { name: 'Stop', exact: true }).click();
    await fillDialog({}, 'Stop');
    await dialogIsGone();
    await tab.page.getByRole('button', { name: 'Resume', exact: true }).click();
    await fillDialog({}, 'Resume');
    await dialogIsGone();
    await pool.query(
      'drop function wait_with_the_rest cascade; update bulk_redrives set next_slice_at = now()',
    );
    await waitUntil(
      'all redriven',
      async () => (await tab.stack.api.get('/api/v1/bulk-redrives')).json.items[0].redriven === 8,
    );
    await see('No open dead letter matches.');
  });

  test('the chosen letters are redriven, except those whose money may have moved', async () => {
    await open('/dead-letters?reason=refused');
    const choices = tab.page.getByRole('checkbox');
    const redriveFirstTwo = async () => {
      await choices.first().check();
      await choices.nth(1).check();
      await button('Redrive selected (2)').click();
      await fillDialog({ 'Your name': 'ana', Reason: 'again' }, 'Redrive them');
      await dialogIsGone();
    };
    await tab.page.getByRole('row').nth(4).waitFor();
    await redriveFirstTwo();
    await waitUntil('two letters fewer', async () => (await tab.page.getByRole('row').count()) === 3, {
      deadlineMs: PATIENCE_MS,
    });
    await redriveFirstTwo();
    // It stands among the redrives that ended, which are folded away.
    await tab.page
      .getByText(/2 skipped, because the money may have moved/)
      .first()
      .waitFor({ state: 'attached' });
    expect(await tab.page.getByRole('row').count()).toBe(3);
  });

  test('an unknown payment is resolved with evidence, either way', async () => {
    await open('/unknown');
    await see('Attempts that may have moved the money');
    await draw('unknown');
    await button(/It was executed/).click();
    await fillDialog(
      { 'Your name': 'ana', Reason: 'they said so', Evidence: 'ticket 4711' },
      'Resolve as executed',
    );
    await dialogIsGone();
    await waitUntil('one left', async () => (await tab.page.getByRole('article').count()) === 1, {
      deadlineMs: PATIENCE_MS,
    });
    await button(/It was not executed/).click();
    await fillDialog({ Reason: 'not on the statement', Evidence: 'page 3' }, 'Resolve as not executed');
    await dialogIsGone();
    await see('No payment is unknown.');
    await open(`/payments/${tab.stack.unknownIds[0]}`);
    await see('Resolved by ana');
  });

  test('a wallet shows its balance and its statement', async () => {
    await open('/wallets');
    await tab.page.getByLabel('User ID').fill(String(tab.stack.userId));
    await tab.page.keyboard.press('Enter');
    await see('Balance after');
    await see('Held for orders');
    await draw('wallet');
    await open('/wallets/999999');
    await see('There is no user 999999.');
  });

  test('a user with wallets in several currencies has them listed, and a statement of each', async () => {
    const { api } = tab.stack;
    const userId = await api.user(20);
    await open(`/wallets/${userId}`);
    await see('Pending deposits');
    expect(await tab.page.getByRole('columnheader', { name: 'Held' }).count()).toBe(0);
    for (const currency of ['JPY', 'KWD']) await api.post(`/api/v1/users/${userId}/wallets`, { currency });
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: '1.25', currency: 'KWD' });
    await waitUntil(
      'the deposit',
      async () => (await api.get(`/api/v1/users/${userId}/wallets/KWD`)).json.balance_minor !== '0',
      { deadlineMs: PATIENCE_MS },
    );
    await tab.page.reload();
    await see('Wallet in USD');
    await tab.page.getByRole('link', { name: 'KWD' }).click();
    await see('Wallet in KWD');
    await see(/1\.225/);
    await see(/payment .*\(settle\)/);
    await tab.page.getByRole('link', { name: 'JPY' }).click();
    await see('Nothing has been posted to this wallet yet.');
  });

  test('claiming is paused and resumed, and workers show that they are alive', async () => {
    await open('/workers');
    await see('alive');
    await button('Pause claiming').click();
    await fillDialog({ 'Your name': 'ana', Reason: 'the gateway moves house' }, 'Pause');
    await see(/Claiming is paused since .* by ana: the gateway moves house/);
    await see('Payments are accepted and wait: claiming is paused.');
    await draw('workers');
    await button('Resume claiming').click();
    await fillDialog({}, 'Resume');
    await button('Pause claiming').waitFor();
  });

  test('integrity is checked, a violation acknowledged, and differences are dealt with', async () => {
    await breakBalance(tab.stack);
    await open('/integrity');
    await see('stored 5 posted');
    await draw('integrity');
    await button('Acknowledge').click();
    await fillDialog({ 'Your name': 'ana', Reason: 'known since the move' }, 'Acknowledge');
    await see('No violation is open');
    await button('Check now').click();
    await see(/The check is/);
    await tab.page.getByRole('button', { name: 'Close …' }).first().click();
    await fillDialog({ 'Your name': 'ana', Reason: 'the gateway reversed it' }, 'Close');
    await dialogIsGone();
    await waitUntil(
      'one open',
      async () => (await tab.page.getByRole('button', { name: 'Close …' }).count()) === 1,
      { deadlineMs: PATIENCE_MS },
    );
    await tab.page.getByRole('button', { name: 'Post to suspense …' }).click();
    await fillDialog({ Reason: 'ticket 4711' }, 'Post to suspense');
    await see('No difference is open');
  });

  test('a refusal by the API is shown in the dialog, which stays open', async () => {
    await open('/workers');
    await button('Pause claiming').click();
    await tab.page.route('**/api/v1/workers/pause', (route) => route.abort());
    await fillDialog({ 'Your name': 'ana', Reason: 'x' }, 'Pause');
    await see('It is not known whether this was done');
    await tab.page.keyboard.press('Escape');
    await dialogIsGone();
  });

  test('while the API is away, the page keeps what it has and says so', async () => {
    await open('/workers');
    await see('alive');
    await tab.page.route('**/api/v1/workers', (route) => route.abort());
    await see('The API does not answer.');
    await see('alive');
    await tab.page.unroute('**/api/v1/workers');
    await tab.page.getByText('The API does not answer.').waitFor({ state: 'detached' });
  });

  test('keys open pages and move to the search', async () => {
    await open('/');
    await heading('Overview');
    await tab.page.keyboard.press('2');
    await heading('Payments');
    await tab.page.keyboard.press('/');
    expect(await tab.page.evaluate('document.activeElement.name')).toBe('text');
    await tab.page.keyboard.type('31');
    // Digits that are typed are not shortcuts.
    await heading('Payments');
  });

  test('it is dark if the system is, or if a person wants it to be', async () => {
    const theme = () => tab.page.evaluate('document.documentElement.dataset.theme');
    await tab.page.emulateMedia({ colorScheme: 'dark' });
    await open('/');
    await heading('Overview');
    await waitUntil('dark', async () => (await theme()) === 'dark');
    await tab.page.getByLabel('Theme').selectOption('light');
    await waitUntil('light', async () => (await theme()) === 'light');
    await tab.page.reload();
    await heading('Overview');
    await waitUntil('light still', async () => (await theme()) === 'light');
  });

  test('on a phone, every page fits the screen', async () => {
    await tab.page.setViewportSize({ width: 390, height: 780 });
    for (const place of [
      '/',
      '/payments',
      `/payments/${tab.stack.settledId}`,
      '/dead-letters?state=all',
      '/unknown',
      `/wallets/${tab.stack.userId}`,
      '/wallets',
      '/holds',
      '/rates',
      '/conversions',
      '/workers',
      '/integrity',
    ]) {
      await open(place);
      await whenShown(tab.page);
      expect([place, await tab.page.evaluate(FIND_WIDE)]).toEqual([place, []]);
      if (place.startsWith('/dead')) await draw('phone');
    }
  });

  test('if a token is set, it asks for the token and keeps it for the tab', async () => {
    const api = await startTestApi(tab.stack.database.databaseUrl, {
      OPERATOR_TOKEN: 'a-token-of-an-operator',
    });
    const guarded = await openContext(tab.browser, api.origin);
    try {
      await guarded.page.goto(`${api.origin}/console/`);
      await guarded.page.getByLabel('Operator token').fill('a-token-that-is-wrong');
      await guarded.page.getByRole('button', { name: 'Log in' }).click();
      await guarded.page.getByText('This token is wrong').waitFor();
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
  });
});
