import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { ROOT } from '../support/monitoring-files.ts';
import { waitUntil } from '../support/wait-until.ts';
import { findAxeFaults } from './axe-faults.ts';
import { PATIENCE_MS } from './console-browser.ts';
import { makeMoney } from './console-money.ts';
import { describeConsole } from './console-tab.ts';

const isDrawing = process.env.WRITE_DOCS === 'true';
const PICTURES = path.join(ROOT, 'docs', 'console');

/** Wallets, what is held for orders, rates and conversions. */
describeConsole('the console about money', {}, (tab) => {
  const { open, see, dialogIsGone } = tab;
  let userId: number;
  let conversionId: number;
  /** From before the first posting to after the last; a night may come in between. */
  let madeFromMs: number;
  let madeToMs: number;
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    madeFromMs = Date.now();
    ({ userId, conversionId } = await makeMoney(tab.stack));
    madeToMs = Date.now();
  });

  /** The day in the time zone of the browser. */
  const dayOf = (timeMs: number) =>
    tab.page.evaluate<string>(
      `new Date(${timeMs} - new Date(${timeMs}).getTimezoneOffset() * 60000).toISOString().slice(0, 10)`,
    );

  const heading = (name: string, level = 1) =>
    tab.page.getByRole('heading', { name, level, exact: true }).waitFor();
  const rowsAre = (count: number) =>
    waitUntil(`${count} rows`, async () => (await tab.page.getByRole('row').count()) === count, {
      deadlineMs: PATIENCE_MS,
    });
  /** What the rows of a table say, without its head; a currency and its amount are kept together by a space that does not break. */
  const readRows = async (table: Locator) =>
    (await table.getByRole('row').allTextContents()).slice(1).map((text) => text.replaceAll('\u00a0', ' '));
  /** What the rows of the first table say, without its head. */
  const rowTexts = async () => readRows(tab.page.locator('table').first());
  async function draw(name: string): Promise<void> {
    if (isDrawing) await tab.page.screenshot({ path: path.join(PICTURES, `${name}.png`), scale: 'css' });
  }

  test('its pages are under one entry of the navigation, and link to each other', async () => {
    await open('/payments');
    await tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Money' }).click();
    await heading('Wallets');
    for (const [link, title] of [
      ['Holds for orders', 'Holds for orders'],
      ['Exchange rates', 'Exchange rates'],
      ['Conversions', 'Conversions'],
      ['Fees', 'Fees'],
      ['Wallets', 'Wallets'],
    ] as const) {
      await tab.page.getByRole('navigation', { name: 'Money' }).getByRole('link', { name: link }).click();
      await heading(title);
      await waitUntil('the title', async () => (await tab.page.title()).startsWith(`${title} –`));
      const current = await tab.page.locator('[aria-current=page]').allTextContents();
      expect(current).toEqual(['Money', link]);
    }
  });

  test('all wallets are listed, by currency, and each links to its statement', async () => {
    await open('/wallets');
    await tab.page.getByRole('row').nth(3).waitFor();
    await draw('wallets');
    await tab.page.getByLabel('Currency').fill('eur');
    await tab.page.getByRole('button', { name: 'Show' }).click();
    await rowsAre(2);
    await tab.page.getByRole('link', { name: /\(EUR\)/ }).click();
    await heading('Wallet in EUR', 2);
    await see(/conversion/);
    await open('/wallets?currency=DOLLAR');
    const currency = tab.page.getByLabel('Currency');
    await waitUntil('an error', async () => (await currency.getAttribute('aria-invalid')) === 'true');
    const told = await tab.page.locator(`#${await currency.getAttribute('aria-describedby')}`).textContent();
    expect(told).toMatch(/ISO 4217/);
  });

  test('the page of a wallet that the user does not have says that there is none', async () => {
    await open(`/wallets/${userId}?currency=KWD`);
    await see('This user has no wallet in KWD.');
    await open(`/wallets/${userId}`);
    await tab.page.getByRole('link', { name: 'holds for orders', exact: true }).click();
    await heading('Holds for orders');
    await rowsAre(5);
    await tab.page.goBack();
    await tab.page.getByRole('main').getByRole('link', { name: 'conversions', exact: true }).click();
    await heading('Conversions');
    await rowsAre(3);
  });

  test('a statement is filtered by purpose and by day, and keeps its running balances', async () => {
    await open(`/wallets/${userId}?currency=USD`);
    await heading('Statement', 2);
    const statement = tab.page.getByRole('table', { name: 'Postings, newest first' });
    const lines = () => readRows(statement);
    const linesAre = (count: number) =>
      waitUntil(`${count} lines`, async () => (await lines()).length === count, { deadlineMs: PATIENCE_MS });
    await linesAre(5);
    const whole = await lines();
    await tab.page.getByLabel('What for').selectOption('conversion');
    await linesAre(2);
    expect(await lines()).toEqual(whole.filter((line) => line.includes('conversion')));
    await tab.page.reload();
    await linesAre(2);
    await tab.page.getByLabel('What for').selectOption('');
    await linesAre(5);
    await tab.page.getByLabel('From day').fill(await dayOf(madeFromMs));
    await tab.page.getByLabel('To day').fill(await dayOf(madeToMs));
    await linesAre(5);
    await tab.page.getByLabel('To day').fill('2026-01-01');
    await tab.page.getByLabel('From day').fill('2026-01-01');
    await see('No posting matches.');
    expect(tab.page.url()).toContain('since=2026-01-01');
    expect(tab.page.url()).toMatch(/wallet=\d+/);
  });

  test('a wallet is frozen, unfrozen and closed, each time with a reason, which stays on its page', async () => {
    await open(`/wallets/${userId}?currency=JPY`);
    await heading('Wallet in JPY', 2);
    const dialog = tab.page.getByRole('dialog');
    for (const [action, state] of [
      ['Freeze', 'frozen'],
      ['Unfreeze', 'open'],
      ['Close', 'closed'],
    ] as const) {
      await tab.page.getByRole('button', { name: `${action} …`, exact: true }).click();
      await dialog.getByLabel('Your name').fill('ana');
      await dialog.getByLabel('Reason').fill(`to see that it is ${state}`);
      await dialog.getByRole('button', { name: action, exact: true }).click();
      await dialogIsGone();
      await tab.page.locator('.toolbar .badge', { hasText: state }).waitFor();
      await see(`to see that it is ${state}`);
    }
    expect(await findAxeFaults(tab.page)).toEqual([]);
    expect(await tab.page.getByRole('button', { name: /Freeze|Close/ }).count()).toBe(0);
    await open(`/wallets/${userId}?currency=USD`);
    await tab.page.getByRole('button', { name: 'Close …', exact: true }).click();
    await dialog.getByLabel('Reason').fill('not empty');
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await dialog.getByRole('alert').first().waitFor();
  });

  test('holds for orders are listed by state, user and currency', async () => {
    await open('/holds');
    await rowsAre(3);
    expect(await rowTexts()).toEqual([
      expect.stringMatching(/order-1004.*open/),
      expect.stringMatching(/order-1001.*USD 30\.00.*USD 20\.00.*USD 10\.00.*open/),
    ]);
    await draw('holds');
    await tab.page.getByLabel('State').selectOption('ended');
    await waitUntil('the ended ones', async () => (await rowTexts())[0]?.includes('order-1003') === true);
    expect(await rowTexts()).toEqual([
      expect.stringMatching(/order-1003.*released/),
      expect.stringMatching(/order-1002.*captured/),
    ]);
    await tab.page.getByLabel('Currency').fill('eur');
    await tab.page.keyboard.press('Enter');
    await see('No hold matches.');
    await tab.page.getByLabel('State').selectOption('overdue');
    await see('No hold is expiring');
    await open('/holds?user_id=abc');
    await see(/must be a positive integer/);
  });

  test('a hold whose time is over is shown as expiring until a worker has released it', async () => {
    await tab.page.route('**/api/v1/order-holds**', async (route) => {
      const answer = await route.fetch();
      const page = await answer.json();
      for (const hold of page.items) hold.status = 'expiring';
      await route.fulfill({ response: answer, json: page });
    });
    await open('/holds');
    await tab.page.locator('.badge', { hasText: 'expiring' }).first().waitFor();
    expect(await rowTexts()).toEqual([
      expect.stringMatching(/order-1004.*expiring/),
      expect.stringMatching(/order-1001.*expiring/),
    ]);
    await tab.page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('the overview says that a rate awaits approval, and that a hold is overdue', async () => {
    await tab.page.route('**/api/v1/overview', async (route) => {
      const answer = await route.fetch();
      const overview = await answer.json();
      overview.attention.oldest_overdue_hold_seconds = 7300;
      await route.fulfill({ response: answer, json: overview });
    });
    await open('/');
    const notes = tab.page.getByRole('list', { name: 'What needs a person' });
    await notes.getByText(/whose time was over 2 h ago/).waitFor();
    await notes.getByRole('link', { name: '1 exchange rate has jumped' }).click();
    await heading('Exchange rates');
    await tab.page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('rates are shown with their age, and one that has jumped is approved with a reason', async () => {
    await open('/rates');
    await heading('Waiting for a person', 2);
    expect(await rowTexts()).toEqual([expect.stringMatching(/USD to JPY.*210\.5.*150\.2 \(\+40\.1\s?%\)/)]);
    await see(/They come from a service/);
    await tab.page.getByRole('table', { name: 'Positions, by currency' }).getByText('owed by us').waitFor();
    await see('not used: the next one waits');
    await draw('rates');
    await tab.page.getByRole('button', { name: 'Approve' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByText('One USD is then worth 210.5 JPY, and not 150.2 as before').waitFor();
    await dialog.getByLabel('Your name').fill('ana');
    await dialog.getByLabel('Reason').fill('the central bank lets it float');
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await dialogIsGone();
    await see('The rate from USD to JPY was approved.');
    await tab.page.getByRole('heading', { name: 'Waiting for a person' }).waitFor({ state: 'detached' });
    await see(/by ana.*the central bank lets it float/);
  });

  test('a rate that has jumped is refused with a reason, and is not offered for approval any more', async () => {
    await tab.stack.database.pool.query(
      `insert into exchange_rates (source, base, quote, state, numerator, denominator, as_of)
       select source, base, quote, 'held', numerator * 100, denominator, now()
       from exchange_rates
       where quote = 'JPY' and state = 'current'`,
    );
    await open('/rates');
    await heading('Waiting for a person', 2);
    await tab.page.getByRole('button', { name: 'Refuse' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByText('21050 is not used. One USD is worth 210.5 JPY again').waitFor();
    await dialog.getByLabel('Your name').fill('ben');
    await dialog.getByLabel('Reason').fill('they have lost a decimal point');
    await dialog.getByRole('button', { name: 'Refuse', exact: true }).click();
    await dialogIsGone();
    await see('The rate from USD to JPY was refused.');
    await heading('Refused', 2);
    await see(/by ben.*they have lost a decimal point/);
    expect(await tab.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  test('a position beyond its limit is pointed out, and so is one without a limit', async () => {
    await open('/rates');
    const positions = tab.page.getByRole('table', { name: 'Positions, by currency' });
    const rowOf = (currency: string) => positions.getByRole('row').filter({ hasText: currency });
    await rowOf('EUR').getByText('over the limit').waitFor();
    await rowOf('USD').getByText('within the limit').waitFor();
    await rowOf('JPY').getByText('no limit').waitFor();
    expect(await readRows(positions)).toContainEqual(expect.stringMatching(/USD 124\.88owned by us/));
  });

  test('if no source of rates is set, the page says so', async () => {
    await tab.page.route('**/api/v1/currency/rates', (route) =>
      route.fulfill({ json: { source: 'none', items: [] } }),
    );
    await open('/rates');
    await see('No source of rates is set, so nothing is converted.');
    await tab.page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('conversions and quotes are listed, and a conversion has a page of its own', async () => {
    await open('/conversions');
    await rowsAre(3);
    await draw('conversions');
    await tab.page.getByLabel('Show', { exact: true }).selectOption('expired');
    await waitUntil('the expired one', async () => (await rowTexts()).join().includes('expired'));
    expect(await rowTexts()).toEqual([expect.stringMatching(/USD 12\.00.*expired/)]);
    await tab.page.getByLabel('Show', { exact: true }).selectOption('used');
    await tab.page.getByLabel('From', { exact: true }).fill('eur');
    await tab.page.keyboard.press('Enter');
    await see('No conversion matches.');
    await open(`/conversions/${conversionId}`);
    await heading(`Conversion ${conversionId}`);
    await see('1 USD = 0.916 EUR');
    await tab.page.getByRole('main').getByRole('link', { name: 'EUR' }).click();
    await heading('Wallet in EUR', 2);
    await tab.page.getByRole('link', { name: String(conversionId), exact: true }).click();
    await heading(`Conversion ${conversionId}`);
    await open('/conversions/999999');
    await see('There is no conversion 999999.');
    await open('/conversions/abc');
    await see(/must be a positive integer/);
  });

  test('fees are set and ended with a reason, and who did it stays on the page', async () => {
    await open('/fees');
    await see('the settings');
    await see('Nobody has changed the fees');
    const dialog = tab.page.getByRole('dialog');
    await tab.page.getByRole('button', { name: 'Set a fee' }).click();
    await dialog.getByLabel('For', { exact: true }).selectOption('transfer');
    await dialog.getByLabel('Currency').fill('eur');
    await dialog.getByLabel('Your name').fill('ana');
    await dialog.getByLabel('Reason').fill('transfers are not free any more');
    await dialog.getByRole('button', { name: 'Set the fee' }).click();
    // Without a percentage or an amount it is no fee, and the dialog says so at a field.
    await dialog.getByRole('alert').first().waitFor();
    await dialog.getByLabel('Percent').fill('1.5');
    await dialog.getByLabel('Added to it').fill('0.30');
    await dialog.getByLabel('At least').fill('0.5');
    expect(await findAxeFaults(tab.page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Set the fee' }).click();
    await dialogIsGone();
    await see('The fee on transfers was set.');
    await waitUntil('the fee', async () =>
      (await rowTexts()).some((row) => /transferEUR1\.5 % and EUR 0\.30, EUR 0\.50 at least/.test(row)),
    );
    await see(/ana.*transfers are not free any more/);
    await draw('fees');
    const row = tab.page.getByRole('row').filter({ hasText: 'EUR 0.50 at least' }).first();
    await row.getByRole('button', { name: 'End' }).click();
    await dialog.getByLabel('At (optional)').fill('2020-01-01T10:00');
    await dialog.getByLabel('Reason').fill('free again');
    await dialog.getByRole('button', { name: 'End it' }).click();
    await dialog.getByText(/must not be in the past/).waitFor();
    await dialog.getByLabel('At (optional)').fill('');
    await dialog.getByRole('button', { name: 'End it' }).click();
    await dialogIsGone();
    await see(/ended/);
  });

  test("a payment's page links to its wallet, and to whatever else the user has", async () => {
    await open(`/payments/${tab.stack.settledId}`);
    await tab.page.getByRole('link', { name: 'USD', exact: true }).click();
    await heading('Wallets');
    await tab.page.goBack();
    await tab.page.getByRole('main').getByRole('link', { name: 'holds for orders', exact: true }).click();
    await heading('Holds for orders');
    await see('No hold matches.');
  });

  test('holds and payments of a named wallet are shown with it, and link to it', async () => {
    const { api } = tab.stack;
    const user = await api.user(100);
    const wallet = { user_id: user, currency: 'USD', name: 'savings' };
    const { id } = (await api.post('/api/v1/wallets', wallet)).json;
    const { id: unnamed } = (await api.get(`/api/v1/users/${user}/wallets/USD`)).json;
    const other = (await api.get(`/api/v1/users/${await api.user(50)}/wallets/USD`)).json.id;
    await api.post(`/api/v1/wallets/${other}/transfer`, { to_wallet_id: id, amount: 40 });
    await api.post(`/api/v1/wallets/${id}/hold`, { order_id: 'order-of-savings', amount: 30 });
    await api.post(`/api/v1/accounts/${user}/hold`, { order_id: 'order-of-the-first', amount: 1 });
    await api.post(`/api/v1/wallets/${id}/withdraw`, { amount: 1 });

    const held = tab.page.locator('table').filter({ hasText: 'Open holds, oldest first' });
    await open(`/wallets/${user}?wallet=${id}`);
    await held.getByText('order-of-savings').waitFor();
    expect(await readRows(held)).toEqual([expect.stringMatching(/order-of-savings.*USD 30\.00.*open/)]);
    await open(`/wallets/${user}?wallet=${unnamed}`);
    await held.getByText('order-of-the-first').waitFor();
    expect(await readRows(held)).toEqual([expect.stringMatching(/order-of-the-first/)]);

    await open(`/holds?user_id=${user}`);
    await rowsAre(3);
    await tab.page.getByLabel('Wallet ID').fill(String(id));
    await tab.page.keyboard.press('Enter');
    await rowsAre(2);
    expect(await rowTexts()).toEqual([expect.stringContaining(`order-of-savings${user}${id}`)]);
    await tab.page
      .getByRole('cell')
      .getByRole('link', { name: String(id), exact: true })
      .click();
    await heading('Wallet in USD', 2);
    await tab.page.getByRole('link', { name: 'its payments', exact: true }).click();
    await heading('Payments');
    expect(await tab.page.getByLabel('Wallet ID').inputValue()).toBe(String(id));
    await rowsAre(2);
    expect(await rowTexts()).toEqual([expect.stringMatching(/withdraw.*USD 1\.00/)]);
    await tab.page.getByRole('cell').getByRole('link').first().click();
    await tab.page.getByRole('link', { name: 'USD', exact: true }).click();
    await heading('Wallet in USD', 2);
    expect(tab.page.url()).toContain(`wallet=${id}`);
    await open('/payments?wallet_id=abc');
    await see(/must be a positive integer/);
    expect(await findAxeFaults(tab.page)).toEqual([]);
  });

  test('while the API is away, each page says so, and it recovers afterwards', async () => {
    for (const place of ['/wallets', '/holds', '/rates', '/conversions', '/fees']) {
      await open(place);
      await tab.page.getByRole('row').nth(1).waitFor();
      await tab.page.route('**/api/**', (route) => route.abort());
      await tab.page.reload();
      await tab.page.unroute('**/api/**');
      await tab.page.getByRole('row').nth(1).waitFor();
      expect(await findAxeFaults(tab.page)).toEqual([]);
    }
  });
});
