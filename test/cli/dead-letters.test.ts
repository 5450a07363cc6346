import { setTimeout as sleep } from 'node:timers/promises';
import { runBulkRedriveSlices } from '../../src/dead-letters/run-bulk-redrive.ts';
import { eventAbout, receive } from '../builders/callbacks.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
let world: PaymentWorld;
let tollgate: ReturnType<typeof createTollgate>;
const scripted = createScriptedGateway();

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  await database.close();
});

/** Lets withdrawals of 50 end in the dead letters and gives the ids of their letters, oldest first. */
async function makeLetters(count: number, ending: keyof typeof answers): Promise<number[]> {
  const userId = await world.user();
  scripted.answerSends(() => answers[ending]);
  const paymentIds: bigint[] = [];
  for (let made = 0; made < count; made += 1) paymentIds.push(await world.accept(userId));
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  const { rows } = await database.pool.query(
    'select id from payment_dlq where payment_id = any($1) order by id',
    [paymentIds],
  );
  return rows.map(({ id }) => Number(id));
}

/** What a worker does about redrives of many, until it is stopped. */
function startRedriving() {
  const controller = new AbortController();
  const work = async () => {
    while (!controller.signal.aborted) {
      await runBulkRedriveSlices(database.pool, { mostAtOnce: 4, onLetterFailed: () => {} });
      await sleep(20);
    }
  };
  const ended = work();
  return {
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

const openLetters = async () =>
  (await database.pool.query('select count(*)::int as count from payment_dlq where action is null')).rows[0]
    .count;

test('open letters are listed for people and for programs, by reason', async () => {
  const [refused] = await makeLetters(1, 'refused');
  const [exhausted] = await makeLetters(1, 'notExecuted');
  const table = await tollgate.run(['dlq', 'list']);
  expect(table).toMatchObject({ code: 0, errors: '' });
  expect(table.output).toMatch(
    new RegExp(`^ *${exhausted} .* withdraw +50 USD +attempts_exhausted .* connection_refused`, 'm'),
  );
  expect(table.output).toMatch(new RegExp(`^ *${refused} .* refused`, 'm'));

  const some = await tollgate.json(['dlq', 'list', '--reason', 'refused']);
  expect(some).toMatchObject({ code: 0, has_more: false });
  expect(some.items).toMatchObject([
    { id: refused, reason: 'refused', amount_minor: '5000', currency: 'USD' },
  ]);
  expect(await tollgate.json(['dlq', 'list', '--limit', '1'])).toMatchObject({ has_more: true });
  expect((await tollgate.run(['dlq', 'list', '--reason', 'poison'])).output).toBe('No dead letters match.\n');
});

test('a redrive is recorded with who ordered it and why, and is shown', async () => {
  const [id] = await makeLetters(1, 'refused');
  const redriven = await tollgate.run([
    'dlq',
    'redrive',
    `${id}`,
    '--by',
    'ana',
    '--because',
    'they are back',
  ]);
  expect(redriven.code).toBe(0);
  expect(redriven.output).toContain('1 redriven.');

  const letter = await tollgate.json(['dlq', 'show', `${id}`]);
  expect(letter).toMatchObject({ action: 'redriven', action_by: 'ana', action_reason: 'they are back' });
  expect((await tollgate.run(['dlq', 'show', `${id}`])).output).toMatch(
    new RegExp(`redriven by ana, .* continues as payment ${letter.redriven_payment_id}: they are back`),
  );

  const again = await tollgate.run(['dlq', 'redrive', `${id}`]);
  expect(again.code).toBe(2);
  expect(again.output).toContain(`Dead letter ${id} was left unchanged: it has already been redriven.`);
});

test('letters that do not exist are named, and nothing is started', async () => {
  const [id] = await makeLetters(1, 'refused');
  const { code, errors } = await tollgate.run(['dlq', 'redrive', `${id}`, '998', '999']);
  expect(code).toBe(1);
  expect(errors).toContain('There are no dead letters with the ids 998, 999. Nothing was started.');
  expect(await world.count('bulk_redrives')).toBe(0);
  expect(await openLetters()).toBe(1);
});

test('a selection shows how many it would touch and does nothing without --yes', async () => {
  await makeLetters(3, 'refused');
  const preview = await tollgate.json(['dlq', 'redrive', '--all', '--dry-run']);
  expect(preview).toMatchObject({
    code: 0,
    total: 3,
    counts: [{ reason: 'refused', currency: 'USD', count: 3, amount_minor: '15000' }],
  });
  const unconfirmed = await tollgate.run(['dlq', 'redrive', '--reason', 'refused']);
  expect(unconfirmed.code).toBe(64);
  expect(unconfirmed.output).toMatch(/^refused +3 {2}150 USD$/m);
  expect(unconfirmed.errors).toContain('Nothing was done: this would affect 3 letters. Add --yes');
  expect(await openLetters()).toBe(3);
});

test('a bulk redrive belongs to the server: it is recorded, carried out by workers, and watched to its end', async () => {
  const letters = await makeLetters(5, 'refused');
  const worker = startRedriving();
  const order = [
    'dlq',
    'redrive',
    '--all',
    '--yes',
    '--rate',
    '100',
    '--by',
    'ana',
    '--because',
    'they are back',
  ];
  const result = await tollgate.json(order);
  await worker.stop();
  expect(result).toMatchObject({ code: 0, state: 'done', total_count: 5, done: 5, is_interrupted: false });
  expect(await openLetters()).toBe(0);
  expect(await world.count('payment_tasks')).toBe(5);
  const { rows } = await database.pool.query(
    'select requested_by, reason, redriven_count from bulk_redrives',
  );
  expect(rows).toEqual([{ requested_by: 'ana', reason: 'they are back', redriven_count: 5 }]);
  expect(await tollgate.json(['dlq', 'show', `${letters[0]}`])).toMatchObject({
    action_by: 'ana',
    action_reason: `bulk redrive ${result.id}: they are back`,
  });
});

test('the log says the same about orders from the command line as about those from the API', async () => {
  const [first, second, third] = await makeLetters(3, 'refused');
  const worker = startRedriving();
  const eventsOf = (errors: string) =>
    errors
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  const by = ['--by', 'ana', '--because', 'x'];
  const redriven = await tollgate.run(['dlq', 'redrive', `${first}`, ...by]);
  expect(eventsOf(redriven.errors)).toMatchObject([
    { event: 'dead_letter.redriven', dead_letter_id: `${first}`, payment_id: expect.any(String), by: 'ana' },
  ]);
  const discarded = await tollgate.run(['dlq', 'discard', `${second}`, ...by]);
  expect(eventsOf(discarded.errors)).toMatchObject([
    { event: 'dead_letter.discarded', dead_letter_id: `${second}`, by: 'ana', reason: 'x' },
  ]);
  const many = await tollgate.run(['dlq', 'redrive', '--all', '--yes', ...by]);
  expect(eventsOf(many.errors)).toMatchObject([
    { event: 'bulk_redrive.started', bulk_redrive_id: '1', count: 1, by: 'ana', reason: 'x' },
  ]);
  await worker.stop();
  expect(await tollgate.json(['dlq', 'show', `${third}`])).toMatchObject({ action: 'redriven' });
});

test('Ctrl-C only stops watching, and says what goes on and how to stop it', async () => {
  await makeLetters(4, 'refused');
  const watching = tollgate.start(['dlq', 'redrive', '--all', '--yes', '--rate', '1']);
  await waitUntil('the order', async () => (await world.count('bulk_redrives')) === 1, {
    deadlineMs: 60_000,
  });
  await waitUntil('the watching', async () => watching.errors().includes('redriving ['), {
    deadlineMs: 60_000,
  });
  watching.child.kill('SIGINT');
  const { code, output } = await watching.ended;
  expect(code).toBe(130);
  expect(output).toContain('You stopped watching. The workers continue bulk redrive 1: 0 of 4 done.');
  expect(output).toContain('npx tollgate dlq stop 1');

  const stopped = await tollgate.run(['dlq', 'stop', '1', '--by', 'bea']);
  expect(stopped.code).toBe(0);
  const again = await tollgate.run(['dlq', 'stop', '1']);
  expect([again.code, again.errors]).toEqual([1, 'Bulk redrive 1 is stopped. Nothing was done.\n']);
  const followed = await tollgate.run(['dlq', 'follow', '1']);
  expect(followed.code).toBe(2);
  expect(followed.output).toContain('Stopped by bea. Resume it: npx tollgate dlq resume 1');

  await database.pool.query('update bulk_redrives set per_second = 100');
  const worker = startRedriving();
  expect(await tollgate.json(['dlq', 'resume', '1'])).toMatchObject({ code: 0, state: 'done', done: 4 });
  await worker.stop();
  expect(await openLetters()).toBe(0);
});

test('a discard closes what failed, and leaves alone what may have moved money', async () => {
  const failed = await makeLetters(2, 'refused');
  const [unknown] = await makeLetters(1, 'unknown');
  const all = await tollgate.json([
    'dlq',
    'discard',
    '--all',
    '--yes',
    '--because',
    'paid by hand',
    '--by',
    'ben',
  ]);
  expect(all).toMatchObject({ code: 0, done: 2 });
  expect(await tollgate.json(['dlq', 'show', `${failed[0]}`])).toMatchObject({
    action: 'discarded',
    action_by: 'ben',
    action_reason: 'paid by hand',
  });
  const refused = await tollgate.run(['dlq', 'discard', `${unknown}`, '--because', 'no idea']);
  expect(refused.code).toBe(2);
  expect(refused.output).toContain('the money may have moved');
  expect(await openLetters()).toBe(1);
});

test('while a violation is open, nothing is redriven', async () => {
  const [id] = await makeLetters(1, 'refused');
  await database.pool.query(
    `insert into integrity_violations (rule, subject, fingerprint, detail)
     values ('balance_equals_entries', 'account:1', 'x', 'one unit is missing')`,
  );
  const { code, errors } = await tollgate.run(['dlq', 'redrive', `${id}`]);
  expect(code).toBe(1);
  expect(errors).toContain('no money moves until a person has dealt with it');
  expect(await openLetters()).toBe(1);
});

test('letters whose money may have moved are left as they are, until one of them is overridden by name', async () => {
  const [contradicted] = await makeLetters(2, 'refused');
  const { rows } = await database.pool.query('select payment_id from payment_dlq where id = $1', [
    contradicted,
  ]);
  await receive(database.pool, await eventAbout(database.pool, rows[0].payment_id, { eventId: 'evt-late' }));

  const worker = startRedriving();
  const all = await tollgate.json(['dlq', 'redrive', '--all', '--yes']);
  await worker.stop();
  expect(all).toMatchObject({ code: 2, done: 1, refused_count: 0, withheld_count: 1 });
  const one = await tollgate.run(['dlq', 'redrive', `${contradicted}`]);
  expect(one.code).toBe(2);
  expect(one.output).toContain('the money may have moved: callback evt-late said that it succeeded');

  for (const careless of [['--all', '--yes', '--because', 'x'], [`${contradicted}`]]) {
    const refused = await tollgate.run(['dlq', 'redrive', '--override-evidence', ...careless]);
    expect(refused.code).toBe(64);
    expect(refused.errors).toContain('--override-evidence works for one letter only');
  }
  const overriding = ['--override-evidence', '--because', 'never carried out', '--by', 'ana'];
  expect(await tollgate.json(['dlq', 'redrive', `${contradicted}`, ...overriding])).toMatchObject({
    code: 0,
    done: 1,
    withheld_count: 0,
  });
  const letter = await tollgate.json(['dlq', 'show', `${contradicted}`]);
  expect(letter).toMatchObject({ action_by: 'ana', action_reason: 'never carried out' });
  expect(letter.overridden_evidence).toContainEqual(expect.objectContaining({ source: 'callback' }));
});
