import path from 'node:path';
import { type LocalStack, startLocalStack } from '../support/local-stack.ts';
import { ROOT } from '../support/monitoring-files.ts';
import { readTour, type TourStep } from '../support/readme-tour.ts';
import { waitUntil } from '../support/wait-until.ts';

const NOWHERE = 'http://127.0.0.1:9';
/** What is in people's shells for other reasons, all of it at once. HOME and USER are missing. */
const SHELL = {
  PGSSLMODE: 'require',
  PGHOST: 'db.invalid',
  PGPORT: '1',
  PGDATABASE: 'nothing',
  PGUSER: 'nobody',
  PGPASSWORD: 'wrong',
  PGPASSFILE: '/nowhere/pgpass',
  PGSERVICE: 'nothing',
  PGOPTIONS: '-c default_transaction_read_only=on',
  PGCLIENTENCODING: 'LATIN1',
  PGAPPNAME: 'somebody else',
  PGDATA: '/nowhere',
  PGTZ: 'Asia/Kathmandu',
  NODE_ENV: 'production',
  NODE_USE_ENV_PROXY: '1',
  NODE_OPTIONS: '--trace-warnings --max-old-space-size=512',
  HTTP_PROXY: NOWHERE,
  HTTPS_PROXY: NOWHERE,
  ALL_PROXY: NOWHERE,
  http_proxy: NOWHERE,
  https_proxy: NOWHERE,
  all_proxy: NOWHERE,
  NO_PROXY: 'internal.example',
  LANG: 'tr_TR.UTF-8',
  LC_ALL: 'xx_XX.nothing',
  TZ: 'Pacific/Apia',
  TMPDIR: '/nowhere/tmp',
};
/** The stand-in fails on purpose, and what the README shows must not depend on luck. */
const FAITHFUL = {
  GATEWAY_MOCK_ERROR_RATE: '0',
  GATEWAY_MOCK_TIMEOUT_RATE: '0',
  RECONCILIATION_GRACE_SECONDS: '0',
};
const TOLLGATE = `node ${path.join(ROOT, 'src', 'cli', 'tollgate.js')}`;

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ ...SHELL, ...FAITHFUL }, { prelude: 'umask 077' });
});
afterAll(async () => await stack.close(), 60_000);

/** What differs each time, or with the luck of the gateway. */
const PASSING = ['created_at', 'updated_at', 'gateway_reference', 'attempts'];

async function ask({ command }: TourStep): Promise<{ text: string; json: Record<string, unknown> }> {
  const here = command.replaceAll('http://localhost:8000', stack.api);
  const { output: text } = await stack.run(`curl --silent --noproxy '*' ${here.slice('curl '.length)}`);
  return { text, json: JSON.parse(text) };
}

function lasting(answer: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !PASSING.includes(name)));
}

test('the tour of the README shows what the README says, even in a shell full of other programs’ variables', async () => {
  const tour = readTour();
  expect(tour.map(({ command }) => /api\/v1\/[a-z/]+[a-z]/.exec(command)?.[0])).toEqual([
    'api/v1/users',
    'api/v1/payments/deposit',
    'api/v1/payments/withdraw',
    'api/v1/payments',
    'api/v1/payments/withdraw',
    'api/v1/users',
  ]);
  for (const step of tour) {
    // "A moment later the gateway has carried it out".
    const isRead = !step.command.includes('-X POST');
    const { text, json } = await waitUntil('the answer that is shown', async () => {
      const answer = await ask(step);
      return !isRead || answer.json.status === step.answer.status ? answer : undefined;
    });
    expect(json).toMatchObject(lasting(step.answer));
    for (const name of PASSING.filter((each) => each in step.answer))
      expect(typeof json[name]).toBe(typeof step.answer[name]);
    if (step.command.includes('Idempotency-Key')) expect((await ask(step)).text).toBe(text);
  }
});

test('the command line finds the running stack on whatever ports', async () => {
  const doctor = await stack.run(`${TOLLGATE} doctor`);
  expect(doctor.output).toMatch(/^ok +gateway +127\.0\.0\.1:\d+ answers inquiries/m);
  expect(doctor).toMatchObject({ code: 0, errors: '' });
  const book = await stack.run(`${TOLLGATE} reconcile`);
  expect(book).toMatchObject({ code: 0, errors: '' });
  expect(book.output).toContain('Both books agree');
  const demo = await stack.run(`${TOLLGATE} demo --seconds 1 --users 1 --json`);
  expect(demo).toMatchObject({ code: 0, errors: '' });
  expect(JSON.parse(demo.output)).toMatchObject({ failed: 0 });
});

test("a setting in a command's shell takes precedence over the running stack", async () => {
  const doctor = await stack.run(`PAYMENT_GATEWAY_URL=${NOWHERE}/gateway ${TOLLGATE} doctor`);
  expect(doctor.output).toMatch(/^fail +gateway +127\.0\.0\.1:9: /m);
});

test('the banner says what is on, and nothing secret', async () => {
  const banner = stack.output().slice(stack.output().indexOf('Tollgate is ready.'));
  expect(banner).toMatch(/Gateway +the stand-in/);
  expect(banner).toMatch(/Callbacks +on: /);
  expect(stack.output()).not.toMatch(/postgres:\/\/\w+:/);
});

test('after it has stopped nothing is found, and a sentence says what to do', async () => {
  expect(await stack.interrupt()).toBe(0);
  const { code, errors } = await stack.run(`${TOLLGATE} dlq list`);
  expect(code).toBe(1);
  expect(errors).toContain('no stack is running in this folder');
});
