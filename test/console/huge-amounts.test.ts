import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { launchChromium } from '../support/chromium.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { inBrowser, openContext } from './console-browser.ts';

/** 90,071,992,547,409.93 and the like: as numbers in JSON they would end in other cents. */
const BALANCE_MINOR = 9_007_199_254_740_993n;
const PAID_MINOR = 9_007_199_254_740_895n;
const FEE_MINOR = 9_007_199_254_740_797n;

inBrowser('amounts that no double carries', () => {
  let database: TestDatabase;
  let api: TestApi;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let userId: bigint;
  let paymentId: bigint;

  beforeAll(async () => {
    database = await createTestDatabase();
    api = await startTestApi(database.databaseUrl);
    const world = createPaymentWorld(database);
    userId = await world.user(1_000_000n);
    paymentId = await world.accept(userId, { amountMinor: 10_000n });
    const scripted = createScriptedGateway();
    scripted.answerSends(() => answers.unknown);
    const worker = world.worker(scripted.gateway);
    worker.start();
    await waitUntil('a dead letter', async () => (await world.count('payment_dlq')) === 1);
    await worker.stop(1000);
    // What is shown, and not how it came about: no single payment may be that large.
    await database.pool.query('alter table payments disable trigger user');
    await database.pool.query('update accounts set posted = $2 where user_id = $1', [userId, BALANCE_MINOR]);
    await database.pool.query('update payments set amount = $2, fee = $3 where id = $1', [
      paymentId,
      PAID_MINOR,
      FEE_MINOR,
    ]);
    browser = await launchChromium();
    ({ context, page, complaints } = await openContext(browser, api.origin));
  });
  afterAll(async () => {
    await context?.close();
    await browser?.close();
    await api?.stop();
    await database?.close();
    expect(complaints).toEqual([]);
  });

  const shows = async (place: string, ...texts: string[]) => {
    await page.goto(`${api.origin}/console/#${place}`);
    for (const text of texts)
      await page
        .getByText(new RegExp(`USD\\s${text}`))
        .first()
        .waitFor();
  };

  test('are exact in a wallet, on the page of a payment, and in every list', async () => {
    await shows(`/wallets/${userId}`, '90,071,992,547,409\\.93', '90,071,992,547,408\\.95');
    await shows(`/payments/${paymentId}`, '90,071,992,547,408\\.95', '90,071,992,547,407\\.97');
    await shows('/payments', '90,071,992,547,408\\.95');
    await shows('/dead-letters', '90,071,992,547,408\\.95');
    await shows('/unknown', '90,071,992,547,408\\.95');
  });
});
