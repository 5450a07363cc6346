import { makeDeadLetters } from '../builders/dead-letters.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { waitUntil } from '../support/wait-until.ts';
import { breakBalance } from './break-balance.ts';
import { PATIENCE_MS } from './console-browser.ts';
import { describeConsole } from './console-tab.ts';

/** What a person on call meets at night: colleagues who were quicker, an API that is slow or lost, and lists that move. */
describeConsole('the console at night', {}, (tab) => {
  const { open, see, dialogIsGone } = tab;
  const dialog = () => tab.page.getByRole('dialog');
  const announced = () => tab.page.getByRole('status', { name: 'What was done' });
  const fill = async (values: Record<string, string>) => {
    for (const [label, value] of Object.entries(values)) await dialog().getByLabel(label).fill(value);
  };
  const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click();
  const query = (text: string, values: unknown[] = []) => tab.stack.database.pool.query(text, values);

  describe('somebody else was quicker', () => {
    test('a payment that another person has resolved disappears when the dialog closes', async () => {
      await open('/unknown');
      const card = tab.page.getByRole('article').filter({ hasText: `Payment ${tab.stack.unknownIds[0]}` });
      await card.getByRole('button', { name: /It was executed/ }).click();
      await tab.stack.api.post(`/api/v1/payments/${tab.stack.unknownIds[0]}/resolve`, {
        by: 'ben',
        reason: 'on the statement',
        evidence: 'page 3',
        outcome: 'executed',
      });
      await fill({ 'Your name': 'ana', Reason: 'they said so', Evidence: 'ticket 1' });
      await press('Resolve as executed');
      await dialog().getByRole('alert').waitFor();
      await press('Cancel');
      await dialogIsGone();
      await card.waitFor({ state: 'detached' });
      expect((await announced().textContent())?.trim()).toBe('');
    });

    test('lists are refreshed when something in them has been handled, and when something new arrives', async () => {
      await open('/dead-letters?reason=poison');
      await see('No open dead letter matches.');
      const world = createPaymentWorld(tab.stack.database);
      const [letter] = await makeDeadLetters(tab.stack.database, world, { count: 1, reason: 'poison' });
      await tab.page.getByRole('row').nth(1).waitFor();
      await query('delete from payment_dlq where id = $1', [letter]);
      await open('/integrity');
      await see('No violation is open');
      const violationId = await breakBalance(tab.stack);
      await see('stored 5 posted');
      await tab.stack.api.post(`/api/v1/integrity/violations/${violationId}/acknowledge`, {
        by: 'ben',
        reason: 'a test',
      });
      await see('No violation is open');
    });
  });

  describe('an answer that is lost', () => {
    test('nothing is reported as done that may not have been done', async () => {
      await open('/dead-letters?reason=refused');
      await tab.page.locator('td').getByRole('button', { name: 'Discard' }).first().click();
      let release = () => {};
      const isHeld = new Promise<void>((resolve) => {
        release = resolve;
      });
      await tab.page.route('**/discard', async (route) => {
        await isHeld;
        await route.abort();
      });
      await fill({ 'Your name': 'ana', Reason: 'paid by hand' });
      await press('Discard');
      await tab.page.keyboard.press('Escape');
      await dialogIsGone();
      await announced()
        .getByText(/not known whether/)
        .waitFor();
      expect(await announced().textContent()).not.toMatch(/was discarded/);
      release();
    });

    test('a bulk redrive that is sent again is the same one', async () => {
      const world = createPaymentWorld(tab.stack.database);
      const userId = await world.user();
      await makeDeadLetters(tab.stack.database, world, { count: 3, userId });
      await open(`/dead-letters?user_id=${userId}`);
      await tab.page.getByRole('button', { name: 'Redrive all matching (3)' }).click();
      let sentCount = 0;
      await tab.page.route('**/api/v1/bulk-redrives', async (route) => {
        if (route.request().method() !== 'POST') return await route.continue();
        sentCount += 1;
        if (sentCount > 1) return await route.continue();
        await route.fetch();
        await route.abort();
      });
      await fill({ 'Letters per second': '1', 'Your name': 'ana', Reason: 'the gateway is back' });
      await press('Redrive them');
      await dialog()
        .getByText(/not known whether/)
        .waitFor();
      await press('Redrive them');
      await dialogIsGone();
      await announced().getByText('The bulk redrive of 3 dead letters was started.').waitFor();
      const { rows } = await query(`select count(*)::int as count from bulk_redrives where user_id = $1`, [
        userId,
      ]);
      expect(rows).toEqual([{ count: 1 }]);
    });

    test('a slow API is asked one question at a time, and an old answer never replaces a newer one', async () => {
      let underWay = 0;
      let most = 0;
      await tab.page.route('**/api/v1/bulk-redrives', async (route) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setTimeout(resolve, 3000));
        underWay -= 1;
        await route.continue().catch(() => {});
      });
      await open('/dead-letters');
      await tab.page.getByRole('row').nth(1).waitFor();
      await tab.page.waitForTimeout(5000);
      expect(most).toBe(1);
      await tab.page.unrouteAll({ behavior: 'ignoreErrors' });
    });
  });

  describe('moving about', () => {
    test('a dialog closes when its page is left', async () => {
      await open('/workers');
      await open('/unknown');
      await tab.page
        .getByRole('button', { name: /It was executed/ })
        .first()
        .click();
      await dialog().waitFor();
      await tab.page.goBack();
      await tab.page.getByRole('heading', { name: 'Workers', level: 1 }).waitFor();
      await dialogIsGone();
    });

    test('a search that is submitted again is run again', async () => {
      const userId = await createPaymentWorld(tab.stack.database).user();
      await open(`/payments?user_id=${userId}`);
      await see('No payment matches.');
      await tab.stack.api.post('/api/v1/payments/deposit', { user_id: Number(userId), deposit: 1 });
      await tab.page.getByRole('button', { name: 'Search' }).click();
      await tab.page.getByRole('row').nth(1).waitFor();
    });

    test('older letters that have been loaded stay while a redrive is running and one of them is handled', async () => {
      const world = createPaymentWorld(tab.stack.database);
      const userId = await world.user();
      await makeDeadLetters(tab.stack.database, world, { count: 60, userId });
      await open(`/dead-letters?user_id=${userId}`);
      await tab.page.getByRole('button', { name: 'Show older ones' }).click();
      const rowsAre = (count: number) =>
        waitUntil(`${count} rows`, async () => (await tab.page.getByRole('row').count()) === count, {
          deadlineMs: PATIENCE_MS,
        });
      await rowsAre(61);
      await tab.page.locator('td').getByRole('button', { name: 'Discard' }).last().click();
      await fill({ 'Your name': 'ana', Reason: 'paid by hand' });
      await press('Discard');
      await dialogIsGone();
      await rowsAre(60);
    });

    test('on a phone, every page can be reached without scrolling sideways', async () => {
      await tab.page.setViewportSize({ width: 360, height: 740 });
      await open('/integrity');
      for (const link of await tab.page.getByRole('navigation').getByRole('link').all()) {
        const box = await link.boundingBox();
        expect((box?.x ?? 999) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
      }
    });

    test('the title of the window says which payment or wallet is shown', async () => {
      await open(`/payments/${tab.stack.settledId}`);
      await waitUntil('the title', async () =>
        (await tab.page.title()).startsWith(`Payment ${tab.stack.settledId} `),
      );
      await open(`/wallets/${tab.stack.userId}`);
      await waitUntil('the title', async () =>
        (await tab.page.title()).startsWith(`Wallet of user ${tab.stack.userId} `),
      );
    });
  });

  describe('odd words and numbers', () => {
    test('a balance with more digits than a number can hold is shown to the last digit', async () => {
      const userId = await createPaymentWorld(tab.stack.database).user();
      await query('update accounts set posted = 9007199254740993123 where user_id = $1', [userId]);
      await open(`/wallets/${userId}`);
      await see(/90,071,992,547,409,931\.23/);
      await query('update accounts set posted = 0 where user_id = $1', [userId]);
    });

    test('text that runs from right to left does not disturb what is around it', async () => {
      await tab.stack.api.post('/api/v1/workers/pause', { by: 'מיכל', reason: 'שלום עולם \u202eevil' });
      await open('/workers');
      const notice = tab.page.getByRole('status', { name: 'The pause' });
      await notice.waitFor();
      expect(await notice.locator('bdi').allTextContents()).toEqual(['מיכל', 'שלום עולם \u202eevil']);
      await tab.stack.api.post('/api/v1/workers/resume', { by: 'ana' });
    });

    test('a reason that is too long is refused at its field, and never silently cut short', async () => {
      await open('/workers');
      await tab.page.getByRole('button', { name: 'Pause claiming' }).click();
      await fill({ 'Your name': 'ana' });
      await dialog().getByLabel('Reason').focus();
      await tab.page.keyboard.insertText('🦊'.repeat(2000));
      expect((await dialog().getByLabel('Reason').inputValue()).length).toBe(4000);
      await press('Pause');
      await dialog().getByText('must have at most 500 characters').waitFor();
      await dialog().getByLabel('Reason').fill('🦊'.repeat(500));
      await press('Pause');
      await dialogIsGone();
      await see('🦊🦊🦊');
      await tab.stack.api.post('/api/v1/workers/resume', { by: 'ana' });
    });

    test.each(['/payments/abc', '/wallets/abc'])('%s says what is wrong with the address', async (place) => {
      await open(place);
      const alert = tab.page.locator('main').getByRole('alert').first();
      await alert.getByText(/(payment|user) id must be a positive integer/i).waitFor();
      expect(await alert.getByRole('button').count()).toBe(0);
    });
  });
});
