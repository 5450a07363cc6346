import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Timers that end a wait once. Nothing here is repeated. */
const DEADLINES: Readonly<Record<string, string>> = {
  'src/api/server/create-app.ts': 'answers a request that takes too long',
  'src/gateway/http/axios-gateway-book.ts': 'ends a reading in which nothing comes',
  'src/gateway/health/call-budget.ts':
    'wakes the call whose slot comes next; each slot has a time of its own',
  'src/gateway/http/call-deadline.ts': 'ends a call that takes too long',
  'src/gateway-mock/callback-sender.ts': 'sends each callback at its own time',
  'src/gateway-mock/held-answers.ts': 'ends a connection that was held open for long enough',
  'src/local/postgres/run-postgres.ts': 'kills a server that does not stop',
  'src/local/supervisor.ts': 'kills a part that does not stop',
  'src/database/database-state.ts': 'ends the wait for an answer',
  'src/payments/read/watch-conclusions.ts': 'ends the wait for a payment',
  'src/events/watch-events.ts': 'ends the wait for an event',
  'src/http/http-server.ts': 'cuts connections that do not end',
  'src/process/lifecycle.ts': 'ends a process that does not stop',
};

/** Where something is waited for in the foreground, by whoever wants it and for as long as they want it. */
const WAITS: Readonly<Record<string, string>> = {
  'src/cli/commands/follow-bulk-redrive.ts': 'a person watches until it is done or they stop',
  'src/cli/demo/run-demo.ts': 'sends at a rate until it is stopped',
  'src/cli/follow-events.ts': 'a person follows events, and the database is away for a moment',
  'src/events/watch-events.ts': 'whoever reads now waits a moment for the writers of this moment',
  'src/gateway-mock/held-answers.ts': 'an answer is late',
  'src/local/postgres/postgres-keeper.ts': 'others stop first',
  'src/local/postgres/run-postgres.ts': 'the last words of a process are still in its pipe',
  'src/local/supervisor.ts': 'parts become ready; one that died is left a moment',
  'src/database/transactions/read-back.ts': 'a COMMIT must be on the standby in time',
  'src/worker/payment-worker.ts': 'a worker that stops waits for its last runs',
  'src/worker/wake-up-listener.ts': 'a stop waits a moment for the goodbye of the server',
};

/** Draws that are no jitter. */
const DRAWS: Readonly<Record<string, string>> = {
  'src/cli/demo/run-demo.ts': 'draws payments',
  'src/gateway/health/circuit-breaker.ts': 'gives a decision its chance',
  'src/integrity/run-integrity-check.ts': 'chooses what is reviewed first',
  'src/worker/payment-worker.ts': 'gives a decision its chance',
};

const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .filter((file) => !file.endsWith('.test.ts'))
  // Runs in a browser, which has none of this.
  .filter((file) => !file.startsWith('src/console/') && !file.startsWith('src/background/'))
  .toSorted()
  .map((file) => ({ file, text: withoutComments(readFileSync(path.join(ROOT, file), 'utf8')) }));

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}

function filesWith(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
}

test('the sources are read', () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(filesWith(/background\/repeat\.ts/)).toContain('src/worker/sweeps.ts');
});

test.each([
  ['an interval', /\bsetInterval\b/],
  ["Node's own sleep", /['"](node:)?timers(\/promises)?['"]/],
  ['a timer that starts itself again', /\.refresh\(\)/],
])('nothing is repeated by %s', (_, pattern) => {
  const allowed = String(pattern).includes('refresh') ? ['src/api/server/create-app.ts'] : [];
  expect(filesWith(pattern)).toEqual(allowed);
});

test('a timer outside src/background ends a wait, and says why', () => {
  expect(filesWith(/(?<![\w.])setTimeout\b/)).toEqual(Object.keys(DEADLINES).toSorted());
});

test('code that sleeps outside src/background waits in the foreground', () => {
  expect(filesWith(/background\/sleep\.ts/)).toEqual(Object.keys(WAITS).toSorted());
});

test('random numbers come from the backoff, or are not for jitter', () => {
  expect(filesWith(/\bMath\.random\b/)).toEqual(Object.keys(DRAWS).toSorted());
});

test.each([
  ['setInterval(look, 1000);', /\bsetInterval\b/, true],
  ['// setInterval is not used here', /\bsetInterval\b/, false],
  ['socket.setTimeout(5000);', /(?<![\w.])setTimeout\b/, false],
  ['timer = setTimeout(tick, 5);', /(?<![\w.])setTimeout\b/, true],
  ["const url = 'http://a'; setTimeout(tick, 5);", /(?<![\w.])setTimeout\b/, true],
])('%s is read as what it is', (text, pattern, isFound) => {
  expect(pattern.test(withoutComments(text))).toBe(isFound);
});
