import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type StartedProcess, startProcess, waitForStart } from '../../test/support/processes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-kept-book-'));
const running: StartedProcess[] = [];
let file: string;
let number = 0;

beforeEach(() => {
  number += 1;
  file = path.join(folder, `${number}`, 'book.jsonl');
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

/** The gateway as a process of its own, with its book in the test's file. */
async function startGateway() {
  const started = startProcess('gateway-mock', {
    GATEWAY_MOCK_PORT: '0',
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_ERROR_RATE: '0',
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
    GATEWAY_MOCK_INQUIRY_LAG_SECONDS: '0',
    GATEWAY_MOCK_BOOK_FILE: file,
  });
  running.push(started);
  const { port } = await waitForStart(started);
  const origin = `http://127.0.0.1:${port}/mock-gateway`;
  const read = async (target: string) =>
    (await (await fetch(origin + target)).json()) as Record<string, unknown>;
  return {
    read,
    pay: (reference: string, amount = 200) =>
      fetch(`${origin}/pay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': reference },
        body: JSON.stringify({ payment_id: 7, user_id: 1, amount, commission: 4, type: 'deposit' }),
      }),
    script: (...modes: string[]) =>
      fetch(`${origin}/behaviour`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ payments: { 7: modes } }),
      }),
    forget: () => fetch(`${origin}/book`, { method: 'DELETE' }),
    async kill() {
      started.child.kill('SIGKILL');
      await started.ended;
    },
  };
}

test('what was carried out and what was refused is known after a kill -9, and nothing is carried out twice', async () => {
  const first = await startGateway();
  await first.script('ok', 'refuse', 'execute_then_error');
  expect([(await first.pay('r1')).status, (await first.pay('r2')).status]).toEqual([200, 402]);
  expect((await first.pay('r3')).status).toBe(502);
  const before = await first.read('/book');
  const journal = await first.read('/journal');
  await first.kill();

  const second = await startGateway();
  const after = await second.read('/book');
  expect(after.entries).toHaveLength(2);
  expect([after.entries, after.totals]).toEqual([before.entries, before.totals]);
  expect(await second.read('/journal')).toEqual(journal);
  expect((await second.pay('r1')).status).toBe(200);
  expect((await second.pay('r2')).status).toBe(402);
  expect((await second.pay('r1', 300)).status).toBe(422);
  expect(await second.read('/pay/r3')).toMatchObject({ status: 'succeeded' });
  expect((await second.read('/book')).entries).toHaveLength(2);
});

test('an incomplete last line is removed, and later records are kept', async () => {
  const first = await startGateway();
  await first.pay('r1');
  await first.kill();
  appendFileSync(file, '{"kind":"pay","at":"2026-01-01T00:0');
  const second = await startGateway();
  await second.pay('r2');
  await second.kill();
  const third = await startGateway();
  expect((await third.read('/book')).entries).toMatchObject([{ reference: 'r1' }, { reference: 'r2' }]);
});

test('a cleared book stays empty', async () => {
  const first = await startGateway();
  await first.pay('r1');
  await first.forget();
  await first.pay('r2');
  await first.kill();
  const second = await startGateway();
  expect((await second.read('/book')).entries).toMatchObject([{ reference: 'r2' }]);
});

test.each([
  ['not json', /line 2.*not JSON/],
  ['{"kind":"gift"}', /line 2/],
])(
  'a file with %s in the middle is refused, and the line is named',
  async (line, complaint) => {
    const first = await startGateway();
    await first.pay('r1');
    await first.kill();
    const [head, ...rest] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [head, line, ...rest].join('\n'));
    const second = startProcess('gateway-mock', { GATEWAY_MOCK_PORT: '0', GATEWAY_MOCK_BOOK_FILE: file });
    running.push(second);
    expect(await second.ended).toBe(1);
    const said = second.lines.map(({ text }) => text).join('');
    expect(said).toMatch(complaint);
    expect(said).toContain(file);
    expect(said.trim().split('\n')).toHaveLength(1);
  },
  60_000,
);
