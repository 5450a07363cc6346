import { startTestApi } from '../support/api-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { openContext, PATIENCE_MS } from './console-browser.ts';
import { describeConsole } from './console-tab.ts';

describeConsole('the console under the hands of a person', {}, (tab) => {
  const { open, dialogIsGone } = tab;
  const heading = (name: string) => tab.page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  const rows = () => tab.page.getByRole('row').count();
  const rowsAre = (count: number) =>
    waitUntil(`${count} rows`, async () => (await rows()) === count, { deadlineMs: PATIENCE_MS });
  const focused = () => tab.page.evaluate<string>('document.activeElement.textContent.trim()');

  describe('keys', () => {
    test('1 to 7 open a page wherever the focus is, unless text is being typed', async () => {
      await open('/dead-letters');
      await tab.page.getByRole('checkbox').first().check();
      await tab.page.keyboard.press('2');
      await heading('Payments');
      await tab.page.getByLabel('Status').focus();
      await tab.page.keyboard.press('3');
      await heading('Dead letters');
      await tab.page.locator('td').getByRole('button', { name: 'Redrive' }).first().focus();
      await tab.page.keyboard.press('6');
      await heading('Workers');
      await tab.page.getByLabel('Theme').focus();
      await tab.page.keyboard.press('4');
      await heading('Unknown payments');
      await tab.page
        .getByRole('button', { name: /was executed/ })
        .first()
        .click();
      await tab.page.getByRole('dialog').waitFor();
      // A dialog is open: what is under it stays.
      await tab.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).focus();
      await tab.page.keyboard.press('5');
      await tab.page.keyboard.press('Escape');
      await dialogIsGone();
      await heading('Unknown payments');
      await tab.page.keyboard.press('5');
      await heading('Wallets');
      await tab.page.keyboard.press('/');
      await tab.page.keyboard.type('7');
      await heading('Wallets');
      expect(await tab.page.getByLabel('User ID').inputValue()).toBe('7');
    });

    test('a dialog returns the focus to the button that opened it, and a page that is opened takes it', async () => {
      await open('/workers');
      await tab.page.getByRole('button', { name: 'Pause claiming' }).click();
      await tab.page.getByRole('dialog').waitFor();
      await tab.page.keyboard.press('Escape');
      await dialogIsGone();
      expect(await focused()).toMatch(/^Pause claiming/);
      await tab.page.getByRole('button', { name: 'Pause claiming' }).press('Enter');
      await tab.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await dialogIsGone();
      expect(await focused()).toMatch(/^Pause claiming/);
      await tab.page.keyboard.press('7');
      await heading('Integrity');
      expect(await tab.page.evaluate('document.activeElement.id')).toBe('main');
      // What had the focus goes away with what was done.
      await open('/dead-letters?reason=refused');
      await tab.page.locator('td').getByRole('button', { name: 'Discard' }).first().click();
      await tab.page.getByRole('dialog').getByLabel('Your name').fill('ana');
      await tab.page.getByRole('dialog').getByLabel('Reason').fill('paid by hand');
      await tab.page.keyboard.press('Tab');
      await tab.page.keyboard.press('Tab');
      await tab.page.keyboard.press('Enter');
      await dialogIsGone();
      await tab.page
        .getByRole('status')
        .getByText(/Dead letter \d+ was discarded/)
        .waitFor();
      expect(await tab.page.evaluate('document.activeElement !== document.body')).toBe(true);
    });
  });

  describe('searching', () => {
    test('a search by key is limited to the chosen status, type and user', async () => {
      await open('/payments?by=idempotency_key&text=order-4711');
      await rowsAre(2);
      await tab.page.getByLabel('Type').selectOption('withdraw');
      await tab.page.getByRole('button', { name: 'Search' }).click();
      await tab.page.getByText(/No payment/).waitFor();
      await tab.page.getByLabel('Type').selectOption('deposit');
      await tab.page.getByLabel('Status').selectOption('failed');
      await tab.page.getByRole('button', { name: 'Search' }).click();
      await tab.page.getByText(/No payment/).waitFor();
      await tab.page.getByLabel('Status').selectOption('');
      await tab.page.getByLabel('User ID').fill(String(tab.stack.userId));
      await tab.page.getByRole('button', { name: 'Search' }).click();
      await rowsAre(2);
      await tab.page.getByLabel('User ID').fill('999999');
      await tab.page.getByRole('button', { name: 'Search' }).click();
      await tab.page.getByText(/No payment/).waitFor();
      await tab.page.reload();
      await tab.page.getByText(/No payment/).waitFor();
      expect(await tab.page.getByLabel('User ID').inputValue()).toBe('999999');
    });

    test('what has been typed stays while the page is drawn again', async () => {
      await open('/payments');
      await tab.page.getByLabel('User ID').fill('4711');
      await tab.page.getByLabel('Key or reference').fill('order');
      await tab.page.getByLabel('Payment ID').fill('12');
      await tab.page.getByLabel('Status').selectOption('failed');
      // The page reads how the service is every two seconds.
      for (let seen = 0; seen < 2; seen += 1) await tab.page.waitForResponse('**/api/v1/health');
      await tab.page.waitForTimeout(300);
      expect(await tab.page.getByLabel('User ID').inputValue()).toBe('4711');
      expect(await tab.page.getByLabel('Key or reference').inputValue()).toBe('order');
      expect(await tab.page.getByLabel('Payment ID').inputValue()).toBe('12');
      expect(await tab.page.getByLabel('Status').inputValue()).toBe('failed');
    });

    test('a search that is too broad asks for the user, at that field', async () => {
      const client = await tab.stack.database.pool.connect();
      try {
        // Nothing is found in time: the keys cannot be read.
        await client.query('begin; lock table idempotency_keys in access exclusive mode');
        await open('/payments?by=idempotency_key&text=order-4711');
        await tab.page.getByText(/took too long/).waitFor();
      } finally {
        await client.query('rollback');
        client.release();
      }
      const user = tab.page.getByLabel('User ID');
      expect(await user.getAttribute('aria-invalid')).toBe('true');
      const description = await user.getAttribute('aria-describedby');
      expect(await tab.page.locator(`#${description}`).textContent()).toMatch(/user/i);
      await user.fill(String(tab.stack.userId));
      await tab.page.keyboard.press('Enter');
      await rowsAre(2);
    });

    test('a value that is not valid is explained at its field', async () => {
      await open('/dead-letters?user_id=abc');
      const user = tab.page.getByLabel('User ID');
      await waitUntil(
        'a field with an error',
        async () => (await user.getAttribute('aria-invalid')) === 'true',
      );
      const text = await tab.page.locator(`#${await user.getAttribute('aria-describedby')}`).textContent();
      expect(text).toMatch(/must be a positive integer/);
      await open('/payments?user_id=abc');
      await waitUntil(
        'a field with an error',
        async () => (await tab.page.getByLabel('User ID').getAttribute('aria-invalid')) === 'true',
      );
    });

    test('what is chosen on a page is in its address, and survives a reload', async () => {
      await open('/integrity');
      await tab.page.getByLabel('Show violations').selectOption('all');
      await tab.page.getByLabel('Show differences').selectOption('closed');
      await tab.page.reload();
      await heading('Integrity');
      expect(await tab.page.getByLabel('Show violations').inputValue()).toBe('all');
      expect(await tab.page.getByLabel('Show differences').inputValue()).toBe('closed');
    });
  });

  describe('problems', () => {
    const answerWith = (path: string, body: object & { status: number }) =>
      tab.page.route(path, (route) =>
        route.request().method() === 'GET'
          ? route.continue()
          : route.fulfill({ status: body.status, contentType: 'application/problem+json', json: body }),
      );
    async function tryToPause(): Promise<string> {
      await tab.page.getByRole('button', { name: 'Pause claiming' }).click();
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByLabel('Your name').fill('ana');
      await dialog.getByLabel('Reason').fill('x');
      await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
      return (await dialog.getByRole('alert').textContent()) ?? '';
    }

    test('are explained in words for a person, never in those of a program', async () => {
      const { PROBLEMS } = await import('../../src/api/problems/problem-catalogue.ts');
      await open('/workers');
      for (const [code, { status, advice, title }] of Object.entries(PROBLEMS)) {
        // This one brings back the door; see below.
        if (code === 'operator-token-required') continue;
        await answerWith('**/api/v1/workers/pause', { status, code, title, detail: advice } as never);
        const told = await tryToPause();
        expect([code, told.length > 20]).toEqual([code, true]);
        expect([code, told]).toEqual([
          code,
          expect.not.stringMatching(
            /Retry-After|header|`|same request|JSON|OPERATOR_PORT|endpoint|override_evidence/i,
          ),
        ]);
        await tab.page.keyboard.press('Escape');
        await dialogIsGone();
        await tab.page.unroute('**/api/v1/workers/pause');
      }
    }, 240_000);

    test('with a field are shown at that field, which gets the focus', async () => {
      await open('/workers');
      await tab.page.getByRole('button', { name: 'Pause claiming' }).click();
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByLabel('Your name').fill('a\u200bb');
      await dialog.getByLabel('Reason').fill('x');
      await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
      const name = dialog.getByLabel('Your name');
      await waitUntil(
        'a field with an error',
        async () => (await name.getAttribute('aria-invalid')) === 'true',
      );
      await waitUntil(
        'the focus',
        async () => (await tab.page.evaluate('document.activeElement.name')) === 'by',
      );
      const ids = ((await name.getAttribute('aria-describedby')) ?? '').split(' ');
      const texts = await Promise.all(ids.map((id) => tab.page.locator(`#${id}`).textContent()));
      expect(texts.join(' ')).toMatch(/invisible characters/);
    });

    test('when the token is no longer accepted, the console asks for another, and then shows the page', async () => {
      const api = await startTestApi(tab.stack.database.databaseUrl, {
        OPERATOR_TOKEN: 'a-token-of-an-operator',
      });
      const guarded = await openContext(tab.browser, api.origin);
      try {
        await guarded.page.goto(`${api.origin}/console/#/dead-letters?reason=refused`);
        await guarded.page.getByLabel('Operator token').fill('a-token-of-an-operator');
        await guarded.page.keyboard.press('Enter');
        await guarded.page.getByRole('heading', { name: 'Dead letters', level: 1 }).waitFor();
        expect(guarded.page.url()).not.toContain('a-token');
        await guarded.page.evaluate("sessionStorage.setItem('tollgate.operator-token', 'another')");
        await guarded.page.getByLabel('Operator token').fill('a-token-of-an-operator');
        await guarded.page.keyboard.press('Enter');
        await guarded.page.getByRole('heading', { name: 'Dead letters', level: 1 }).waitFor();
        expect(await guarded.page.getByLabel('Reason').inputValue()).toBe('refused');
        expect(guarded.complaints).toEqual([]);
      } finally {
        await guarded.context.close();
        await api.stop();
      }
    });
  });
});
