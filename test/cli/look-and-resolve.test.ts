import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
let world: PaymentWorld;
let tollgate: ReturnType<typeof createTollgate>;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
});
afterAll(async () => await database.close());

async function pay(ending: keyof typeof answers): Promise<bigint> {
  scripted.answerSends(() => answers[ending]);
  const paymentId = await world.accept(await world.user());
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  return paymentId;
}

const VIOLATION = `
  insert into integrity_violations (rule, subject, fingerprint, detail)
  values ('balance_equals_entries', 'account:1', 'x', E'one unit\\n\\x1b[31mis missing')`;

test('the history of a payment says where its money is, from first to last', async () => {
  const id = await pay('succeeded');
  const { code, output } = await tollgate.run(['payments', 'show', `${id}`]);
  expect(code).toBe(0);
  expect(output).toContain('withdraw of 50 USD, fee 1 USD');
  expect(output).toContain('Status success, money posted, 1 attempt\n');
  expect(output).toMatch(/accepted.* attempt +1 succeeded.* ledger +settle: /s);

  const told = await tollgate.json(['payments', 'show', `${id}`]);
  expect(told).toMatchObject({ code: 0, inquiry: null });
  expect(told.payment).toMatchObject({ payment_id: Number(id), status: 'success', amount_minor: '5000' });
  expect(told.timeline.map(({ kind }: { kind: string }) => kind)).toEqual(
    expect.arrayContaining(['accepted', 'attempt', 'ledger']),
  );
});

test('a payment that does not exist exits with 1', async () => {
  const { code, output, errors } = await tollgate.run(['payments', 'show', '987654']);
  expect({ code, output, errors }).toEqual({ code: 1, output: '', errors: 'There is no payment 987654.\n' });
});

test('an unknown payment is listed, and a person, whose name is recorded, decides how it ended', async () => {
  const id = await pay('unknown');
  expect((await tollgate.run(['payments', 'unknown'])).output).toMatch(
    new RegExp(`^ *${id} .* 50 USD .* the gateway$`, 'm'),
  );
  expect((await tollgate.json(['payments', 'unknown'])).items).toMatchObject([
    { payment: { payment_id: Number(id) }, attempts: { count: 3, unknown_count: 3 } },
  ]);
  expect((await tollgate.json(['payments', 'unknown', '--state', 'needs_review'])).items).toEqual([]);

  const order = ['payments', 'resolve', `${id}`, '--outcome', 'executed', '--by', 'ana'];
  const why = ['--because', 'told on the phone', '--evidence', 'ticket 4711'];
  const unconfirmed = await tollgate.run([...order, ...why]);
  expect(unconfirmed.code).toBe(64);
  expect(unconfirmed.errors).toContain('Add --yes');
  expect((await world.payment(id)).status).toBe('unknown');

  const resolved = await tollgate.run([...order, ...why, '--yes', '--json']);
  expect(resolved.code).toBe(0);
  expect(JSON.parse(resolved.output)).toMatchObject({ status: 'success', transaction_status: 'posted' });
  // The log has it, as it has what is resolved through the API.
  expect(JSON.parse(resolved.errors)).toMatchObject({
    event: 'payment.resolved',
    payment_id: `${id}`,
    outcome: 'executed',
    by: 'ana',
    reason: 'told on the phone',
  });
  expect((await tollgate.run(['payments', 'show', `${id}`])).output).toContain(
    'executed, by ana, told on the phone, evidence: ticket 4711',
  );
  const again = await tollgate.run([...order, ...why, '--yes']);
  expect(again.code).toBe(1);
  expect(again.errors).toContain('has already been resolved as executed by ana');
  expect(await world.violations()).toEqual([]);
});

test('if nobody is named, the operator is the user of the operating system', async () => {
  const id = await pay('unknown');
  const order = [
    'payments',
    'resolve',
    `${id}`,
    '--outcome',
    'not_executed',
    '--because',
    'x',
    '--evidence',
    'y',
  ];
  expect(await tollgate.json([...order, '--yes'])).toMatchObject({ code: 0, status: 'failed' });
  const { rows } = await database.pool.query(
    'select resolved_by as by from payment_resolutions where payment_id = $1',
    [id],
  );
  expect(rows[0].by).toMatch(/^\S+$/);
});

test('integrity exits with 0 if the ledger is sound, and with 2 if it is not', async () => {
  const before = await tollgate.run(['integrity']);
  expect(before.code).toBe(2);
  expect(before.output).toContain('The ledger is stale: no check has run yet.');

  const checked = await tollgate.json(['integrity', '--run']);
  expect(checked).toMatchObject({
    code: 0,
    status: 'ok',
    open_count: 0,
    violations: [],
    run: { kind: 'done' },
  });
  expect((await tollgate.run(['integrity'])).output).toMatch(/^I1 +0 +\d{4}-/m);

  await database.pool.query(VIOLATION);
  const violated = await tollgate.run(['integrity']);
  expect(violated.code).toBe(2);
  expect(violated.output).toContain('The ledger is violated');
  // What is stored must not steer the terminal that shows it.
  expect(violated.output).toMatch(/account:1 .* one unit \[31mis missing$/m);
  expect(await tollgate.json(['integrity'])).toMatchObject({
    code: 2,
    violations: [{ subject: 'account:1' }],
  });

  const order = [
    'payments',
    'resolve',
    '1',
    '--outcome',
    'executed',
    '--because',
    'x',
    '--evidence',
    'y',
    '--yes',
  ];
  expect((await tollgate.run(order)).errors).toContain('no money moves until a person has dealt with it');
  await database.pool.query('update integrity_violations set resolved_at = now()');
});
