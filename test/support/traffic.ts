import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Sends the API a steady mix of payments, among them what clients get wrong: keys sent twice, keys used for something else,
 * withdrawals of more than there is, users that do not exist. In between, money is held for orders, converted to euros and transferred.
 */
export async function startTraffic(
  apiOrigin: string,
  { perSecond }: { readonly perSecond: number },
): Promise<{ stop(): Promise<void> }> {
  let isStopped = false;
  let sentCount = 0;

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  async function post(route: string, body: object, key?: string): Promise<any> {
    const response = await fetch(`${apiOrigin}/api/v1${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
      body: JSON.stringify(body),
    });
    return await response.json();
  }

  const users = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { id } = await post('/users/', { balance: 1_000_000 });
      await post(`/users/${id}/wallets`, { currency: 'EUR' });
      const wallets = await fetch(`${apiOrigin}/api/v1/users/${id}/wallets`);
      const { items } = (await wallets.json()) as { items: { id: number }[] };
      return { userId: id as number, walletId: items[0]?.id as number };
    }),
  );
  const userAt = (number: number) => users[number % users.length] as (typeof users)[number];

  /** Money that moves without the gateway, every other hold in part, and now and then what is refused. */
  async function moveInside(number: number): Promise<void> {
    const { userId, walletId } = userAt(number);
    const order = { order_id: `order-${number}` };
    await post(`/accounts/${userId}/hold`, {
      ...order,
      amount: 3,
      expires_in_seconds: number % 20 === 7 ? 2 : 600,
    });
    if (number % 20 === 17) await post(`/accounts/${userId}/capture`, { ...order, amount: 2 });
    if (number % 30 === 7) await post(`/accounts/${userId}/release`, order);
    const quote = { user_id: userId, from: 'USD', to: 'EUR' };
    const { quote_id } = await post('/currency/convert/preview', { ...quote, amount: 2 });
    await post('/currency/convert/execute', { quote_id });
    if (number % 30 === 17) await post('/currency/convert/execute', { quote_id });
    if (number % 30 === 27) await post('/currency/convert/preview', { ...quote, to: 'NOK', amount: 2 });
    await post(`/wallets/${walletId}/transfer`, { to_wallet_id: userAt(number + 1).walletId, amount: 1 });
  }

  async function sendOne(): Promise<void> {
    sentCount += 1;
    const number = sentCount;
    const { userId } = userAt(number);
    const amount = 1 + (number % 40) + 0.5;
    const key = `traffic-${number}`;
    if (number % 3 === 0) await post('/payments/withdraw', { user_id: userId, amount }, key);
    else await post('/payments/deposit', { user_id: userId, deposit: amount }, key);
    if (number % 10 === 7) await moveInside(number);
    if (number % 30 === 1) await post('/payments/withdraw', { user_id: userId, amount: 9_000_000 });
    if (number % 30 === 2) await post('/payments/deposit', { user_id: userId, deposit: amount }, key);
    if (number % 30 === 4) await post('/payments/deposit', { user_id: userId, deposit: 77 }, key);
    if (number % 30 === 5) await post('/payments/deposit', { user_id: 999_999, deposit: 1 });
  }

  async function send(): Promise<void> {
    const batchesPerSecond = 10;
    while (!isStopped) {
      // What fails here shows in the numbers that the test looks at.
      await Promise.allSettled(Array.from({ length: Math.ceil(perSecond / batchesPerSecond) }, sendOne));
      await sleep(1000 / batchesPerSecond);
    }
  }
  const sending = send();
  return {
    async stop() {
      isStopped = true;
      await sending;
    },
  };
}
