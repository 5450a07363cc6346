import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { startTestApi } from '../support/api-server.ts';
import type { ConsoleStack } from './console-stack.ts';

/**
 * A user with money in dollars and euros: holds for orders in each state, conversions and quotes, and a rate of the yen that has
 * jumped and waits.
 */
export async function makeMoney({ api, database }: ConsoleStack) {
  const userId = await api.user(1000);
  for (const currency of ['EUR', 'JPY']) await api.post(`/api/v1/users/${userId}/wallets`, { currency });
  const agoMs = (minutes: number) => ({ asOf: new Date(Date.now() - minutes * 60_000) });
  await giveRates(database, { EUR: '0.9154', JPY: '150.2', GBP: '0.7911', CHF: '0.8807' }, agoMs(60));
  await giveRates(database, { EUR: '0.9160', JPY: '210.5', GBP: '0.7908' }, agoMs(2));

  const preview = async (amount: number) => {
    const quote = { user_id: userId, from: 'USD', to: 'EUR', amount };
    return (await api.post('/api/v1/currency/convert/preview', quote)).json.quote_id as string;
  };
  // As before a limit was set, which refuses what goes beyond it.
  const unlimited = await startTestApi(database.databaseUrl, RATES_FROM_TESTS);
  const take = async (quote_id: string) =>
    (await unlimited.post('/api/v1/currency/convert/execute', { quote_id })).json.conversion_id as number;
  const conversionId = await take(await preview(100));
  await take(await preview(25.5));
  await unlimited.stop();
  const expiredId = await preview(12);
  await database.pool.query(
    `update conversion_quotes set created_at = now() - interval '5 minutes', expires_at = now() - interval '4 minutes' where token = $1`,
    [expiredId],
  );
  await preview(40);

  const account = `/api/v1/accounts/${userId}`;
  for (const [order_id, amount] of [
    ['order-1001', 30],
    ['order-1002', 45.9],
    ['order-1003', 12],
    ['order-1004', 80],
  ])
    await api.post(`${account}/hold`, { order_id, amount });
  await api.post(`${account}/capture`, { order_id: 'order-1001', amount: 20, final: false });
  await api.post(`${account}/capture`, { order_id: 'order-1002', amount: 40 });
  await api.post(`${account}/release`, { order_id: 'order-1003' });
  return { userId, conversionId };
}
