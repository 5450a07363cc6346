import { startTestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
let tollgate: ReturnType<typeof createTollgate>;
let userId: number;
let walletId: number;
let savingsId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
  const api = await startTestApi(database.databaseUrl);
  userId = await api.user('10.5');
  walletId = (await api.get(`/api/v1/users/${userId}/wallets/USD`)).json.id;
  savingsId = (await api.post('/api/v1/wallets', { user_id: userId, currency: 'USD', name: 'savings' })).json
    .id;
  await api.stop();
});
afterAll(async () => await database.close());

const because = ['--because', 'a test', '--by', 'ana'];

test('wallets are listed by user, currency and state', async () => {
  const { code, output } = await tollgate.run(['wallets', 'list', '--user', `${userId}`]);
  expect(code).toBe(0);
  expect(output.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 8))).toEqual([
    ['WALLET', 'USER', 'CURRENCY', 'NAME', 'STATE', 'BALANCE', 'HELD', 'AVAILABLE'],
    [`${savingsId}`, `${userId}`, 'USD', 'savings', 'open', '0', '0', '0'],
    [`${walletId}`, `${userId}`, 'USD', '-', 'open', '10.5', '0', '10.5'],
    [''],
  ]);
  expect((await tollgate.run(['wallets', 'list', '--state', 'frozen'])).output).toBe('No wallets match.\n');
  const told = await tollgate.json(['wallets', 'list', '--currency', 'USD', '--limit', '1']);
  expect(told).toMatchObject({ items: [{ wallet_id: savingsId, name: 'savings' }], has_more: true });
  for (const wrong of [
    ['--state', 'shut'],
    ['--currency', 'usd'],
    ['--user', '0'],
  ])
    expect((await tollgate.run(['wallets', 'list', ...wrong])).code).toBe(64);
});

test('a wallet is frozen, unfrozen and closed, and its history says by whom and why', async () => {
  const frozen = await tollgate.run(['wallets', 'freeze', `${savingsId}`, ...because]);
  expect(frozen).toMatchObject({
    code: 0,
    output: `Wallet ${savingsId} is frozen. Recorded as decided by ana.\n`,
  });
  expect((await tollgate.run(['wallets', 'freeze', `${savingsId}`, ...because])).output).toBe(
    `Wallet ${savingsId} is frozen already. Nothing was done.\n`,
  );
  expect((await tollgate.run(['wallets', 'unfreeze', `${savingsId}`, ...because])).code).toBe(0);
  const unsure = await tollgate.run(['wallets', 'close', `${savingsId}`, ...because]);
  expect(unsure).toMatchObject({ code: 64, errors: expect.stringContaining('Add --yes') });
  const closed = await tollgate.json(['wallets', 'close', `${savingsId}`, ...because, '--yes']);
  expect(closed).toMatchObject({ code: 0, wallet_id: savingsId, state: 'closed' });

  const { output } = await tollgate.run(['wallets', 'show', `${savingsId}`]);
  expect(output).toMatch(/close +open to closed +ana +a test\n.*unfreeze +frozen to open +ana/);
  expect(await tollgate.json(['wallets', 'show', `${savingsId}`])).toMatchObject({
    state: 'closed',
    history: [{ action: 'close' }, { action: 'unfreeze' }, { action: 'freeze', by: 'ana', reason: 'a test' }],
  });
  const again = await tollgate.run(['wallets', 'freeze', `${savingsId}`, ...because]);
  expect(again).toMatchObject({ code: 1, errors: expect.stringContaining('is closed, and stays closed') });
});

test('a wallet with money in it is not closed, and one that does not exist exits with 1', async () => {
  const full = await tollgate.run(['wallets', 'close', `${walletId}`, ...because, '--yes']);
  expect(full).toMatchObject({ code: 1, errors: expect.stringContaining('has 10.5 USD in it') });
  for (const command of [['show'], ['close', ...because, '--yes']]) {
    const [name = '', ...rest] = command;
    const unknown = await tollgate.run(['wallets', name, '987654', ...rest]);
    expect(unknown).toEqual({ code: 1, output: '', errors: 'There is no wallet 987654.\n' });
  }
  expect((await tollgate.run(['wallets', 'freeze', `${walletId}`])).code).toBe(64);
});
