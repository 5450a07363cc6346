import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/monitoring-files.ts';
import { createTollgate } from './run-tollgate.ts';

const tollgate = createTollgate();
const SECRET = 'hunter2';
const NOWHERE = `postgres://ana:${SECRET}@127.0.0.1:1/tollgate`;

test('help lists every command, and shows examples for a group of them', async () => {
  const all = await tollgate.run(['--help']);
  expect(all.code).toBe(0);
  for (const name of [
    'migrate',
    'doctor',
    'dlq',
    'payments',
    'integrity',
    'reconcile',
    'bench',
    'prove',
    'demo',
  ])
    expect(all.output).toMatch(new RegExp(`^  ${name} `, 'm'));
  const dlq = await tollgate.run(['help', 'dlq']);
  expect(dlq.code).toBe(0);
  expect(dlq.output).toContain('$ npx tollgate dlq redrive --reason attempts_exhausted');
});

test.each([
  [['docter'], 'Did you mean doctor?'],
  [['dlq', 'lst'], 'Did you mean list?'],
  [['dlq', 'list', '--jsno'], 'Did you mean --json?'],
  [['dlq', 'list', '--reason', 'bored'], 'Allowed choices are refused'],
  [['dlq', 'list', '--limit', '0'], 'from 1 to 10000'],
  [['dlq', 'list', '--limit', '5', '--limit', '7'], 'was given more than once'],
  [['dlq', 'list', '--limit=5', '--limit=5'], 'was given more than once'],
  [['demo', '--rate', '1', '--url', 'http://127.0.0.1:1', '--rate', '2'], 'was given more than once'],
  [['dlq', 'redrive', '1', '--by', '\u200b'], 'text of 1 to 100 characters'],
  [['dlq', 'redrive', '1', '--by', 'an\u200ba'], 'invisible characters'],
  [['dlq', 'show', '-1'], 'positive whole number'],
  [['dlq', 'show', '1; drop table payments'], 'positive whole number'],
  [['payments', 'show'], "missing required argument 'id'"],
  [['payments', 'show', '99999999999999999999'], 'positive whole number'],
  [['payments', 'resolve', '1', '--outcome', 'maybe'], 'Allowed choices are executed, not_executed'],
  [['dlq', 'redrive'], 'Say which letters'],
  [['dlq', 'redrive', '1', '--all'], 'not both'],
  [['dlq', 'redrive', '--all', '--reason', 'refused'], 'leave it out'],
  [['dlq', 'redrive', '1', '--rate', '1e9'], 'whole number'],
  [['dlq', 'redrive', '1', '--rate', '101'], 'from 1 to 100'],
  [['dlq', 'redrive', '7', '8', '7'], '7 was given more than once'],
  [['dlq', 'list', '--created-after', 'yesterday'], 'It must be a time with a UTC offset'],
  [['dlq', 'list', '--type', 'gift'], 'Allowed choices are deposit, withdraw'],
  [['dlq', 'stop', 'x'], 'positive whole number'],
  [['dlq', 'discard', '1'], '--because <text>'],
  [['dlq', 'discard', '1', '--because', '  '], 'text of 1 to 500 characters'],
  [['demo', '--url', 'ftp://here'], 'http:// or https://'],
])('%j is not understood, and it is said why', async (args, why) => {
  const { code, output, errors } = await tollgate.run(args, { DATABASE_URL: NOWHERE });
  expect({ code, output }).toEqual({ code: 64, output: '' });
  expect(errors).toContain(why);
});

test('without a database, one sentence says what to do', async () => {
  const { code, output, errors } = await tollgate.run(['dlq', 'list']);
  expect({ code, output }).toEqual({ code: 1, output: '' });
  expect(errors).toBe(
    'DATABASE_URL is not set, and no stack is running in this folder. Set DATABASE_URL, or start a stack with: npm start\n',
  );
});

test('a setting that is not valid is named', async () => {
  const { code, errors } = await tollgate.run(['dlq', 'list'], { WORKER_CONCURRENCY: 'many' });
  expect(code).toBe(1);
  expect(errors).toMatch(/^Settings are not valid: WORKER_CONCURRENCY: .*\n$/);
});

test.each([['dlq', 'list'], ['payments', 'show', '1'], ['doctor'], ['doctor', '--json']])(
  'when the database is away, %s %s exits with 1 and does not reveal the password',
  async (...args) => {
    const { code, output, errors } = await tollgate.run(args, { DATABASE_URL: NOWHERE });
    expect(code).toBe(1);
    expect(output + errors).toContain('ECONNREFUSED');
    expect(output + errors).not.toContain(SECRET);
  },
);

test('the demo says so when no API is running', async () => {
  const { code, errors } = await tollgate.run(['demo', '--url', 'http://127.0.0.1:1']);
  expect(code).toBe(1);
  expect(errors).toContain('No API answers at http://127.0.0.1:1. Start the stack with npm start');
});

test.each(['bench', 'prove'])('%s is handed its options unchanged', async (name) => {
  const { code, output, errors } = await tollgate.run([name, '--nonsense']);
  expect(code).toBe(1);
  expect(output + errors).toContain('--nonsense');
});

test('npm does not complain about the Node that starts the launcher', () => {
  const { engines, optionalDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  // npx looks at this on every call; the launcher hands over to the Node that npm installed.
  expect(engines).toEqual({ node: '>=20' });
  expect(Object.keys(optionalDependencies)).toContain('node');
});
