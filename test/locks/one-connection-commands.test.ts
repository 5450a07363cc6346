import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/create-program.ts';
import type { Terminal } from '../../src/cli/output/terminal.ts';
import { insertBulkRedrive } from '../../src/dead-letters/bulk-redrives.sql.ts';
import { runBulkRedriveSlices } from '../../src/dead-letters/run-bulk-redrive.ts';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Each command with DATABASE_POOL_SIZE=1: one that takes a second connection while it holds the first waits for itself. */
let database: TestDatabase;
let world: PaymentWorld;
let mock: Awaited<ReturnType<typeof startGatewayMock>>;
let letterIds: bigint[];
let unknownPaymentId: bigint;
let heldRateIds: bigint[];
let quoteToken: string;
let conversionId: bigint;
let folder: string;
let walletId: bigint;
const before = { ...process.env };

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  const quiet = testConfig();
  mock = await startGatewayMock(quiet, createLogger(quiet, 'gateway-mock'));
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-rates-'));
  const file = path.join(folder, 'rates.json');
  writeFileSync(file, JSON.stringify({ base: 'USD', as_of: new Date().toISOString(), rates: { EUR: 0.92 } }));
  // Names that npm and jest have set are compared with those of settings each time.
  for (const name of Object.keys(process.env)) if (name !== 'PATH') delete process.env[name];
  Object.assign(process.env, {
    // As the owner, for migrate and rebase.
    DATABASE_URL: database.ownerUrl,
    DATABASE_POOL_SIZE: '1',
    DATABASE_CONNECT_TIMEOUT_SECONDS: '8',
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
    LOG_LEVEL: 'silent',
    RATES_SOURCE: 'file',
    RATES_FILE: file,
  });
  await insertRateAndConversion();
  await endIn('refused', 6);
  letterIds = (await database.pool.query('select id from payment_dlq order by id')).rows.map(({ id }) => id);
  const emptyHanded = await world.user(0n);
  walletId = (await database.pool.query('select id from accounts where user_id = $1', [emptyHanded])).rows[0]
    .id;
  [unknownPaymentId] = (await endIn('unknown', 1)) as [bigint];
  for (const id of letterIds.slice(4))
    await insertBulkRedrive(database.pool, {
      filter: { letterIds: [id] },
      perSecond: 100,
      by: 'ana',
      reason: 'x',
    });
});
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (before[name] === undefined) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true });
  await mock.stop();
  await database.close();
});

/** A rate that is held, and a quote that was used. */
async function insertRateAndConversion(): Promise<void> {
  const rates = await database.pool.query(
    `insert into exchange_rates (source, base, quote, state, numerator, denominator, as_of)
     values ('file', 'USD', 'JPY', 'held', 151, 1, now()), ('file', 'USD', 'KWD', 'held', 3, 10, now())
     returning id`,
  );
  heldRateIds = rates.rows.map(({ id }) => id);
  const quotes = await database.pool.query(
    `insert into conversion_quotes (user_id, from_wallet_id, to_wallet_id, from_amount, to_amount, spread_amount, spread_numerator, spread_denominator, rate_as_of,
       created_at, expires_at, used_at, token, from_currency, to_currency, fixed_side, rate_source, mid_numerator, mid_denominator)
     values (1, 1, 2, 100, 91, 1, 1, 200, now(), now(), now() + interval '1 minute', now(), gen_random_uuid(), 'USD', 'EUR', 'from', 'file', 9, 10)
     returning id, token`,
  );
  ({ id: conversionId, token: quoteToken } = quotes.rows[0]);
}

async function endIn(ending: 'refused' | 'unknown', count: number): Promise<bigint[]> {
  const userId = await world.user();
  const paymentIds = await Promise.all(Array.from({ length: count }, () => world.accept(userId)));
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers[ending]);
  scripted.answerInquiries(() => ({ ...answers.unknown }));
  const policy = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 0 };
  const worker = world.worker(scripted.gateway, { policy });
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  return paymentIds;
}

const isFollowed = (name: string) => name === 'dlq follow' || name === 'dlq resume';

/** What a worker does about redrives of many, with a pool of its own. */
function startRedriving() {
  const controller = new AbortController();
  const work = async () => {
    while (!controller.signal.aborted) {
      await runBulkRedriveSlices(database.pool, { mostAtOnce: 1, onLetterFailed() {} });
      await sleep(20);
    }
  };
  const done = work();
  return {
    async stop() {
      controller.abort();
      await done;
    },
  };
}

/** Runs a command as a person would, in this process. */
async function run(args: readonly string[]): Promise<{ code: number | undefined; said: string }> {
  let said = '';
  let code: number | undefined;
  const hear = (text: string) => {
    said += `${text}\n`;
  };
  const terminal: Terminal = {
    print: hear,
    complain: hear,
    isInteractive: false,
    confirm: async () => true,
    progress: () => ({ update() {}, end() {} }),
  };
  const program = createProgram(terminal, (given) => {
    code = given;
  });
  await program.parseAsync(['node', 'tollgate', ...args]);
  return { code, said };
}

const because = ['--because', 'a test', '--by', 'ana'];
/** What to run of each command, and with what it may end beside 0: a person has to look. */
const COMMANDS: Readonly<
  Record<string, { readonly args: () => readonly unknown[]; readonly mayEndWith?: number }>
> = {
  migrate: { args: () => [] },
  'dlq list': { args: () => [] },
  'dlq show': { args: () => [letterIds[0]] },
  'dlq redrive': { args: () => [letterIds[0], ...because] },
  'dlq discard': { args: () => [letterIds[1], letterIds[2], ...because, '--yes'] },
  'dlq stop': { args: () => [2, '--by', 'ana'] },
  'dlq resume': { args: () => [2, '--by', 'ana'] },
  'dlq follow': { args: () => [1] },
  'payments show': { args: () => [unknownPaymentId] },
  'payments unknown': { args: () => [], mayEndWith: 2 },
  'payments resolve': {
    args: () => [unknownPaymentId, '--outcome', 'executed', '--evidence', 'a statement', ...because, '--yes'],
  },
  integrity: { args: () => ['--run'], mayEndWith: 2 },
  reconcile: { args: () => [], mayEndWith: 2 },
  rebase: { args: () => ['--yes'] },
  restored: { args: () => [] },
  'users show': { args: () => [1] },
  'fees list': { args: () => [] },
  'fees set': { args: () => ['transfer', '--currency', 'EUR', '--percent', '1', ...because, '--yes'] },
  'fees end': { args: () => [1, ...because, '--yes'] },
  'holds list': { args: () => [] },
  'rates list': { args: () => [], mayEndWith: 2 },
  'rates fetch': { args: () => [] },
  'rates approve': { args: () => [heldRateIds[0], ...because] },
  'rates refuse': { args: () => [heldRateIds[1], ...because] },
  'quotes show': { args: () => [quoteToken] },
  'conversions list': { args: () => [] },
  'conversions show': { args: () => [conversionId] },
  'events tail': { args: () => ['--all', '--once'] },
  'wallets list': { args: () => [] },
  'wallets show': { args: () => [walletId] },
  'wallets freeze': { args: () => [walletId, ...because] },
  'wallets unfreeze': { args: () => [walletId, ...because] },
  'wallets close': { args: () => [walletId, ...because, '--yes'] },
  doctor: { args: () => [], mayEndWith: 1 },
};
/** They start processes of their own, or talk to the API. */
const OTHERS = ['demo', 'bench', 'prove'];

function leavesOf(command: Command, path: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [path.join(' ')];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

test('every command is tried', () => {
  const terminal = {} as Terminal;
  const names = leavesOf(createProgram(terminal, () => {}));
  expect(names.sort()).toEqual([...Object.keys(COMMANDS), ...OTHERS].sort());
});

test.each(Object.keys(COMMANDS))('tollgate %s', async (name) => {
  const { args, mayEndWith = 0 } = COMMANDS[name] as (typeof COMMANDS)[string];
  const worker = isFollowed(name) ? startRedriving() : undefined;
  const { code, said } = await run([...name.split(' '), ...args().map(String)]);
  await worker?.stop();
  expect({ said, code: code === mayEndWith ? 0 : code }).toEqual({ said, code: 0 });
  expect(said).not.toMatch(/acquiring a connection|timeout exceeded|cannot be reached/);
});
