import { waitUntil } from '../support/wait-until.ts';
import { breakBalance } from './break-balance.ts';
import { PATIENCE_MS } from './console-browser.ts';
import { describeConsole } from './console-tab.ts';

/** What the console says must be true in each state of the service; each test leaves the service as it found it. */
describeConsole(
  'what the console says about the service',
  {
    settings: {
      GATEWAY_BREAKER_MIN_CALLS: '2',
      GATEWAY_BREAKER_WINDOW_CALLS: '2',
      GATEWAY_BREAKER_PROBE_SECONDS: '60',
      GATEWAY_BREAKER_PROBE_MAX_SECONDS: '60',
      INTEGRITY_POLL_SECONDS: '0.2',
    },
  },
  (tab) => {
    const { open, see } = tab;
    const service = () => tab.page.getByRole('status', { name: 'The service now' });
    const readService = async () => (await service().textContent())?.trim() ?? '';
    const serviceSays = async (text: RegExp) => {
      let said = '';
      const isSaid = async () => {
        said = await readService().catch(String);
        return text.test(said);
      };
      await waitUntil('the line', isSaid, { deadlineMs: PATIENCE_MS }).catch(() =>
        expect(said).toMatch(text),
      );
    };
    const pay = () =>
      tab.stack.api.post('/api/v1/payments/deposit', { user_id: Number(tab.stack.userId), deposit: 1 });
    const query = (text: string) => tab.stack.database.pool.query(text);
    const waitsClaim = /accepted and wait/i;

    test('payments are accepted and sent on when all is well', async () => {
      for (const place of [
        '/',
        '/payments',
        '/dead-letters',
        '/unknown',
        '/wallets',
        '/holds',
        '/rates',
        '/conversions',
        '/workers',
        '/integrity',
      ]) {
        await open(place);
        await serviceSays(/^Payments are accepted and sent to the gateway\.$/);
      }
      expect((await pay()).status).toBe(202);
    });

    test('while a violation is open, payments are refused, and nothing says that they wait', async () => {
      await tab.stack.api.post('/api/v1/workers/pause', { by: 'ana', reason: 'the books are looked at' });
      const violationId = await breakBalance(tab.stack);
      await waitUntil('a refusal', async () => (await pay()).status === 503);
      for (const place of ['/', '/workers', '/integrity']) {
        await open(place);
        await serviceSays(/^Payments are refused/);
        if (place === '/') await see('Claiming is paused');
        expect(await tab.page.getByText(waitsClaim).count()).toBe(0);
      }
      await tab.stack.api.post(`/api/v1/integrity/violations/${violationId}/acknowledge`, {
        by: 'ana',
        reason: 'a test',
      });
      await serviceSays(/^Payments are accepted and wait: claiming is paused\.$/);
      expect((await pay()).status).toBe(202);
      await tab.page.goto(`${tab.stack.api.origin}/console/#/workers`);
      await tab.stack.api.post('/api/v1/workers/resume', { by: 'ana' });
      await serviceSays(/accepted and sent/);
    });

    test('while the database is read-only, payments are refused', async () => {
      const name = new URL(tab.stack.database.databaseUrl).pathname.slice(1);
      await query(`alter database "${name}" set default_transaction_read_only = on`);
      await query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
      );
      try {
        await open('/');
        await serviceSays(/^Payments are refused: the database is read-only/);
        expect((await pay()).status).toBe(503);
      } finally {
        await query('set default_transaction_read_only = off');
        await query(`alter database "${name}" reset default_transaction_read_only`);
        await query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
        );
      }
      await serviceSays(/accepted and sent/);
      await waitUntil('a payment is accepted', async () => (await pay()).status === 202);
    });

    test('while the API does not answer, nothing is asserted, and the page recovers afterwards', async () => {
      await open('/payments');
      await serviceSays(/accepted and sent/);
      await tab.page.getByRole('row').nth(2).waitFor();
      await tab.page.route('**/api/**', (route) => route.abort());
      await serviceSays(/^The API does not answer\. .*not known/);
      // A list that is read once, and not again and again.
      await tab.page.getByLabel('Status').selectOption('failed');
      await tab.page.getByRole('button', { name: 'Search' }).click();
      await tab.page.getByRole('alert').first().waitFor();
      await tab.page.unroute('**/api/**');
      await serviceSays(/accepted and sent/);
      await tab.page.getByRole('row').nth(2).waitFor();
      expect(await tab.page.getByRole('alert').count()).toBe(0);
    });

    test('while the breaker is open, payments wait, and so does an inquiry that is due', async () => {
      await open('/workers');
      await see('breaker closed');
      await tab.stack.behave({ is_down: true });
      for (let sent = 0; sent < 4; sent += 1) expect((await pay()).status).toBe(202);
      await serviceSays(/^Payments are accepted and wait: the gateway/);
      await see('breaker open');
      // Not before: a gateway that still counts as well is asked.
      await query(
        `update payment_inquiries set next_ask_at = now() - interval '2 hours', asked_count = 0, last_answer = null`,
      );
      await open('/unknown');
      const card = tab.page.getByRole('article').first();
      await card.getByText('Not asked yet').waitFor();
      await card.getByText(/Waits for the gateway/).waitFor();
      expect(await card.getByText(/0 times/).count()).toBe(0);
      await tab.page.getByRole('link', { name: String(tab.stack.unknownIds[0]), exact: true }).click();
      await see(/Waits for the gateway/);
      await query(`update payment_inquiries set next_ask_at = now() + interval '1 day'`);
      await tab.stack.behave({ is_down: false });
    });

    test('no payment is counted twice on the overview', async () => {
      await query(
        `update payment_inquiries set needs_review_at = now() where payment_id = ${tab.stack.unknownIds[0]}`,
      );
      await query(`update payment_dlq set reason = 'poison' where payment_id = ${tab.stack.unknownIds[1]}`);
      await open('/');
      const notes = tab.page.getByRole('list', { name: 'What needs a person' });
      await notes.getByText(/2 unknown payments/).waitFor();
      // An overview of a moment ago is shown before the next one.
      const text = await waitUntil(
        'a line about the one that needs a person',
        async () => {
          const said = (await notes.textContent()) ?? '';
          return said.includes('1 of them needs a person') && said.includes('14 failed payments') && said;
        },
        { deadlineMs: PATIENCE_MS },
      );
      // One line for unknown payments, those that need a person among them, and one for payments that failed.
      expect(text.match(/unknown payment/g)).toHaveLength(1);
      expect(text).not.toMatch(/outcome unknown \d|poison \d/);
    });

    test('without a worker, payments wait', async () => {
      await tab.stack.stopWorker();
      await open('/workers');
      await serviceSays(/^Payments are accepted and wait: no worker is running\.$/);
      await see('No worker has reported');
      expect(await tab.page.locator('main').getByText(waitsClaim).count()).toBe(0);
      expect((await pay()).status).toBe(202);
    });
  },
);
