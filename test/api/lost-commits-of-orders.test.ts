import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import {
  createDatabaseProxy,
  type DatabaseProxy,
  isCommit,
  type Verdict,
} from '../support/database-proxy.ts';
import { startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * What a person orders, with the connection lost at the moment that makes it true. An answer never says more than is known: what
 * it calls done is done, of what it calls not done there is nothing, and sent again the order is carried out once in all.
 */

let database: TestDatabase;
let proxy: DatabaseProxy;
let api: TestApi;
let world: PaymentWorld;
let madeCount = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await createDatabaseProxy(database.databaseUrl);
  api = await startTestApi(proxy.url, {
    DATABASE_CONNECT_TIMEOUT_SECONDS: '3',
    INTEGRITY_POLL_SECONDS: '0.2',
  });
  world = createPaymentWorld(database);
});
afterEach(async () => {
  proxy.reset();
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await api.stop();
  await proxy.cut();
  await database.close();
});

interface Order {
  readonly send: () => Promise<ApiAnswer>;
  /** How often it has been carried out. */
  readonly count: () => Promise<number>;
}
interface OrderKind {
  readonly prepare: () => Promise<Order>;
  /** What makes it true, as it is sent: the COMMIT, or the one statement that it is. */
  readonly isDecisive: (sent: Buffer) => boolean;
  /** The same order again, once it was carried out: answered as then, or told that it was done before. */
  readonly again: { readonly status: number; readonly code?: string; readonly isReplay?: false };
  /** It is one statement without a COMMIT, and nothing can be asked about that. */
  readonly isOneStatement?: true;
  /** It is made up for without the client. */
  readonly isMadeUpFor?: true;
}

const WHO = { by: 'ana', reason: 'tests' };
const one = async (text: string, values: unknown[] = []) =>
  Number((await database.pool.query(text, values)).rows[0].value);
const updates = (table: string) => (sent: Buffer) => sent.includes(`update ${table}`);

/** Looking for the key's answer has a COMMIT of its own, which comes before. */
function commitAfter(statement: string): (sent: Buffer) => boolean {
  let isWritten = false;
  return (sent) => {
    isWritten ||= sent.includes(statement);
    if (!isWritten || !isCommit(sent)) return false;
    isWritten = false;
    return true;
  };
}

async function paymentThatEnds(ending: 'unknown' | 'refused'): Promise<bigint> {
  const paymentId = await world.accept(await world.user());
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers[ending]);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('a dead letter', async () => {
    const { status } = await world.payment(paymentId);
    return status === 'failed' || status === 'unknown';
  });
  await worker.stop(1000);
  // The question about it would end it before the person does.
  await database.pool.query(`update payment_inquiries set next_ask_at = now() + interval '1 day'`);
  return paymentId;
}

function resolveAs(outcome: 'executed' | 'not_executed'): OrderKind {
  return {
    isDecisive: isCommit,
    again: { status: 409, code: 'payment-resolved' },
    async prepare() {
      const paymentId = await paymentThatEnds('unknown');
      const body = { ...WHO, outcome, evidence: 'ticket 7' };
      return {
        send: () => api.post(`/api/v1/payments/${paymentId}/resolve`, body),
        count: () =>
          one(
            `select count(*) as value from payment_resolutions join payments on payments.id = payment_id
             where payment_id = $1 and status = $2`,
            [paymentId, outcome === 'executed' ? 'success' : 'failed'],
          ),
      };
    },
  };
}

const ORDERS: Readonly<Record<string, OrderKind>> = {
  'to resolve a payment as executed': resolveAs('executed'),
  'to resolve a payment as not executed': resolveAs('not_executed'),
  'to discard a letter': {
    isDecisive: isCommit,
    again: { status: 409, code: 'dead-letter-handled' },
    async prepare() {
      const paymentId = await paymentThatEnds('refused');
      const id = await one('select id as value from payment_dlq where payment_id = $1', [paymentId]);
      return {
        send: () => api.post(`/api/v1/dlq/${id}/discard`, WHO),
        count: () =>
          one(`select count(*) as value from payment_dlq where id = $1 and action = 'discarded'`, [id]),
      };
    },
  },
  'to close a difference': {
    isDecisive: commitAfter('update reconciliation_differences'),
    again: { status: 409, code: 'exception-closed' },
    async prepare() {
      madeCount += 1;
      const id = await one(
        `insert into reconciliation_differences (kind, source, dedupe_key)
         values ('missing_here', 'report', 'lost:' || $1::int) returning id as value`,
        [madeCount],
      );
      return {
        send: () => api.post(`/api/v1/reconciliation/exceptions/${id}/close`, WHO),
        count: () =>
          one(`select count(closed_at) as value from reconciliation_differences where id = $1`, [id]),
      };
    },
  },
  'to acknowledge a violation': {
    isDecisive: updates('integrity_violations'),
    isOneStatement: true,
    again: { status: 409, code: 'violation-closed' },
    async prepare() {
      madeCount += 1;
      const id = await one(
        `insert into integrity_violations (rule, subject, fingerprint, detail)
         values ('balance_equals_entries', 'account:lost-' || $1::int, '1 0', 'x') returning id as value`,
        [madeCount],
      );
      return {
        send: () => api.post(`/api/v1/integrity/violations/${id}/acknowledge`, WHO),
        count: () =>
          one('select count(acknowledged_at) as value from integrity_violations where id = $1', [id]),
      };
    },
  },
  'to freeze a wallet': {
    isDecisive: isCommit,
    again: { status: 200, isReplay: false },
    async prepare() {
      const userId = await world.user();
      const id = await one('select id as value from accounts where user_id = $1', [userId]);
      return {
        send: () => api.post(`/api/v1/wallets/${id}/freeze`, WHO),
        count: () =>
          one(
            `select count(*) as value from wallet_state_changes join accounts on accounts.id = wallet_id
             where wallet_id = $1 and state = 'frozen'`,
            [id],
          ),
      };
    },
  },
  'to redrive many letters': {
    isDecisive: commitAfter('insert into bulk_redrives'),
    again: { status: 202 },
    async prepare() {
      madeCount += 1;
      const key = `lost-redrive-${madeCount}`;
      const body = { by: 'ana', reason: key, per_second: 1 };
      return {
        send: () => api.post('/api/v1/bulk-redrives', body, { 'idempotency-key': key }),
        count: () => one('select count(*) as value from bulk_redrives where reason = $1', [key]),
      };
    },
  },
  'to create a user': {
    isDecisive: isCommit,
    again: { status: 201 },
    isMadeUpFor: true,
    async prepare() {
      madeCount += 1;
      const key = `lost-user-${madeCount}`;
      const before = await world.count('users');
      return {
        send: () => api.post('/api/v1/users', { balance: 10 }, { 'idempotency-key': key }),
        count: async () => (await world.count('users')) - before,
      };
    },
  },
};

/** What is known when it is known that nothing was done. */
const NOTHING_DONE = ['database-unavailable', 'overloaded'];

async function expectHonest(answer: ApiAnswer, doneCount: number): Promise<void> {
  if (answer.status < 300) {
    expect(doneCount).toBe(1);
    return;
  }
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  if (NOTHING_DONE.includes(answer.json.code))
    expect([answer.json.code, doneCount]).toEqual([answer.json.code, 0]);
  else {
    expect(answer.json.code).toBe('write-outcome-unknown');
    expect(answer.text).not.toMatch(/Nothing was done/);
  }
}

/** A person who was told nothing certain sends it again. */
async function expectOnceInAll(order: Order, { again }: OrderKind): Promise<void> {
  const wasDone = (await order.count()) === 1;
  const second = await order.send();
  if (wasDone) {
    expect([second.status, second.json.code]).toEqual([again.status, again.code]);
    if (again.status < 300 && again.isReplay !== false)
      expect(second.headers.get('idempotency-replayed')).toBe('true');
  } else expect(second.status).toBeLessThan(300);
  expect(await order.count()).toBe(1);
}

describe.each(Object.entries(ORDERS))('an order %s', (_name, kind) => {
  test.each<[string, Verdict]>([
    ['after the server has it', 'cut-after-answer'],
    ['before the server has it', 'cut'],
    ['on its way to a server that does not know', 'vanish'],
  ])('whose connection is lost once, %s, is carried out once', async (_when, verdict) => {
    const order = await kind.prepare();
    proxy.once(kind.isDecisive, verdict);
    const answer = await order.send();
    await expectHonest(answer, await order.count());
    // A COMMIT can be asked about; a single statement that was lost cannot.
    if (!kind.isOneStatement && verdict === 'cut-after-answer') expect(answer.status).toBeLessThan(300);
    if (kind.isMadeUpFor) expect(answer.status).toBe(201);
    await expectOnceInAll(order, kind);
  });

  test.each<[string, Verdict, number]>([
    ['was done', 'cut-after-answer', 1],
    ['was not done', 'cut', 0],
  ])('that %s, and cannot be asked about, is not known', async (_what, verdict, doneCount) => {
    const order = await kind.prepare();
    let isLost = false;
    proxy.decide((sent) => {
      if (isLost) return 'cut';
      isLost = kind.isDecisive(sent);
      return isLost ? verdict : 'pass';
    });
    const answer = await order.send();
    expect(answer).toMatchObject({ status: 503, json: { code: 'write-outcome-unknown', retry: 'same-key' } });
    await expectHonest(answer, doneCount);
    proxy.reset();
    expect(await order.count()).toBe(doneCount);
    await expectOnceInAll(order, kind);
  });
});

/** Of whatever was done the log says who did it and why, also when the database is away before the answer is read. */
test('what was done is logged, even if it can no longer be read for the answer', async () => {
  const started = startProcess('api', { DATABASE_URL: proxy.url, API_PORT: '0' });
  const { port } = await waitForStart(started);
  const letterId = await one('select id as value from payment_dlq where payment_id = $1', [
    await paymentThatEnds('refused'),
  ]);
  const differenceId = await one(
    `insert into reconciliation_differences (kind, source, dedupe_key)
     values ('missing_here', 'report', 'told') returning id as value`,
  );
  const violationId = await one(
    `insert into integrity_violations (rule, subject, fingerprint, detail)
     values ('balance_equals_entries', 'account:told', '1 0', 'x') returning id as value`,
  );
  const redriveId = await one(
    `insert into bulk_redrives (letter_reasons, last_letter_id, per_second, total_count, requested_by, reason, state)
     values ('{refused}', 0, 1, 0, 'ben', 'x', 'running') returning id as value`,
  );
  const by = { by: WHO.by };
  try {
    for (const [path, isDecisive, event, body = WHO] of [
      [`/dlq/${letterId}/discard`, isCommit, 'dead_letter.discarded'],
      [
        `/reconciliation/exceptions/${differenceId}/close`,
        commitAfter('update reconciliation_differences'),
        'reconciliation.exception_closed',
      ],
      [
        `/integrity/violations/${violationId}/acknowledge`,
        updates('integrity_violations'),
        'integrity.acknowledged',
      ],
      [`/bulk-redrives/${redriveId}/stop`, updates('bulk_redrives'), 'bulk_redrive.stopped', by],
      [`/bulk-redrives/${redriveId}/resume`, updates('bulk_redrives'), 'bulk_redrive.resumed', by],
    ] as [string, (sent: Buffer) => boolean, string, object?][]) {
      let isDone = false;
      proxy.decide((sent) => {
        if (isDone) return 'cut';
        isDone = isDecisive(sent);
        return 'pass';
      });
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      proxy.reset();
      expect([path, answer.status]).toEqual([path, 503]);
      expect(((await answer.json()) as { detail: string }).detail).toMatch(/^The request was carried out/);
      await waitUntil(event, () =>
        started.lines.some((line) =>
          Object.entries({ event, ...body }).every(([name, value]) => line[name] === value),
        ),
      );
    }
  } finally {
    started.child.kill('SIGTERM');
    await started.ended;
  }
});
