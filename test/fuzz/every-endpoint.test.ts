import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createJudge, type Judge } from '../support/judge-by-description.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type DescribedOperation, readDescription } from './described-api.ts';
import { judgeDiscretion, judgeProblem } from './judge-discretion.ts';
import { decodeAnswer, encodeRequest, exchange, type RawAnswer, type RawRequest } from './raw-http.ts';
import { garbage, requestFor } from './request-arbitrary.ts';

/** Requests for each endpoint, about. FUZZ_REQUESTS sends more, FUZZ_SEED the same ones again, FUZZ_REPORT tells what came back. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? Math.trunc(Math.random() * 2 ** 31));
const AT_ONCE = 8;
/** Far longer than the API takes for anything, on a busy machine too: a connection that is answered is closed. */
const QUIET_MS = 20_000;

let database: TestDatabase;
let world: PaymentWorld;
let api: StartedProcess;
let port: number;
let operations: DescribedOperation[];
let judgeByDescription: Judge;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  await fillDatabase();
  api = startProcess('api', {
    DATABASE_URL: database.databaseUrl,
    API_PORT: '0',
    LOG_LEVEL: 'info',
    // On a busy machine a connection may take long; that is no failure of an endpoint.
    DATABASE_CONNECT_TIMEOUT_SECONDS: '30',
    DATABASE_LIST_TIMEOUT_SECONDS: '15',
    // What garbage leaves unfinished is given up soon.
    API_REQUEST_TIMEOUT_SECONDS: '2',
    // No worker settles what is deposited here.
    API_DEPOSIT_WAIT_SECONDS: '0.05',
  });
  port = Number((await waitForStart(api)).port);
  const answer = await fetch(`http://127.0.0.1:${port}/openapi.json`);
  const description = await answer.json();
  operations = readDescription(description);
  judgeByDescription = createJudge(description);
});
afterAll(async () => {
  api.child.kill('SIGTERM');
  await api.ended;
  await database.close();
});

/** Something to read, to redrive and to discard: payments of every fate. */
async function fillDatabase(): Promise<void> {
  const users = await Promise.all(Array.from({ length: 20 }, () => world.user()));
  const scripted = createScriptedGateway();
  const fates = [answers.succeeded, answers.refused, answers.unknown, answers.notExecuted];
  scripted.answerSends(({ paymentId }) => fates[Number(paymentId % 4n)] ?? answers.succeeded);
  scripted.answerInquiries(() => ({ ...answers.unknown }));
  for (const userId of users) {
    for (let count = 0; count < 4; count += 1) {
      await world.accept(userId, { type: count % 2 === 0 ? 'deposit' : 'withdraw', amountMinor: 100n });
    }
  }
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

function judge({ method, target }: RawRequest, answer: RawAnswer | undefined): string | undefined {
  if (!answer) return 'there was no answer';
  const { status, headers, body } = answer;
  return (
    judgeDiscretion(answer) ??
    judgeByDescription({ method, target, status, headers: Object.fromEntries(headers), body })
  );
}

const residentMegabytes = () =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(api.child.pid)], { encoding: 'utf8' })) / 1024;

test(`no endpoint fails, whatever it is sent (FUZZ_SEED=${SEED})`, async () => {
  expect(operations.length).toBeGreaterThan(10);
  const statuses = new Map<string, number>();
  const megabytes: number[] = [];
  for (const operation of operations) {
    await fc.assert(
      fc.asyncProperty(
        fc.array(requestFor(operation), { minLength: 1, maxLength: AT_ONCE, size: 'max' }),
        async (requests) => {
          const faults = await Promise.all(
            requests.map(async (request) => {
              const answer = decodeAnswer(
                await exchange(port, encodeRequest(request), { quietMs: QUIET_MS }),
              );
              const status = `${operation.name} ${answer?.status}`;
              statuses.set(status, (statuses.get(status) ?? 0) + 1);
              const fault = judge(request, answer);
              return (
                fault && {
                  fault,
                  request: { ...request, body: request.body.toString('latin1') },
                  answer: answer?.text,
                }
              );
            }),
          );
          expect(faults.filter(Boolean)).toEqual([]);
        },
      ),
      { numRuns: Math.ceil((REQUESTS * 2) / AT_ONCE), seed: SEED },
    );
    megabytes.push(residentMegabytes());
  }
  // Each was reached with requests that fit, too.
  for (const { name, method } of operations) {
    const reached = [...statuses.keys()].filter((status) => status.startsWith(`${name} 2`));
    if (method === 'GET' && !name.includes('{')) expect([name, reached.length]).toEqual([name, 1]);
  }
  expect(statuses.get('POST /api/v1/payments/deposit 202')).toBeGreaterThan(0);
  expect(statuses.get('POST /api/v1/users 201')).toBeGreaterThan(0);
  const warm = megabytes[Math.floor(megabytes.length / 3)] as number;
  expect(residentMegabytes()).toBeLessThan(warm + 150);
  if (process.env.FUZZ_REPORT)
    process.stderr.write(`${JSON.stringify({ megabytes, statuses: [...statuses].sort() }, null, 1)}\n`);
}, 900_000);

test(`bytes that are no request are refused politely, or not at all (FUZZ_SEED=${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(garbage, { minLength: 1, maxLength: AT_ONCE, size: 'max' }),
      async (attempts) => {
        await Promise.all(
          attempts.map(async (bytes) => {
            const text = await exchange(port, bytes, { quietMs: 300 });
            const answer = decodeAnswer(text);
            if (text !== '') expect(answer).toBeDefined();
            if (answer && answer.status >= 400)
              expect([bytes.toString('latin1'), judgeProblem(answer)]).toEqual([
                bytes.toString('latin1'),
                undefined,
              ]);
            expect(answer?.status ?? 400).toBeLessThan(500);
          }),
        );
      },
    ),
    { numRuns: Math.ceil(REQUESTS / AT_ONCE), seed: SEED },
  );
}, 900_000);

test('after all that the process runs, its log has no failure, and the ledger is sound', async () => {
  expect(api.child.exitCode).toBeNull();
  expect((await fetch(`http://127.0.0.1:${port}/api/v1/health`)).status).toBe(200);
  expect(api.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect(await world.violations()).toEqual([]);
  const { rows } = await database.pool.query(
    'select count(*)::int as count from accounts where posted - held < floor',
  );
  expect(rows).toEqual([{ count: 0 }]);
});
