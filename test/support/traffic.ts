import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Sends the API a steady mix of payments, among them what clients get wrong: keys sent twice, keys used for something else,
 * withdrawals of more than there is, users that do not exist.
 */
export async function startTraffic(
  apiOrigin: string,
  { perSecond }: { readonly perSecond: number },
): Promise<{ stop(): Promise<void> }> {
  let isStopped = false;
  let sentCount = 0;

  async function post(route: string, body: object, key?: string): Promise<{ id?: number }> {
    const response = await fetch(`${apiOrigin}/api/v1${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id?: number };
  }

  const userIds = await Promise.all(
    Array.from({ length: 20 }, async () => (await post('/users/', { balance: 1_000_000 })).id as number),
  );

  async function sendOne(): Promise<void> {
    sentCount += 1;
    const number = sentCount;
    const userId = userIds[number % userIds.length] as number;
    const amount = 1 + (number % 40) + 0.5;
    const key = `traffic-${number}`;
    if (number % 3 === 0) await post('/payments/withdraw', { user_id: userId, amount }, key);
    else await post('/payments/deposit', { user_id: userId, deposit: amount }, key);
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
