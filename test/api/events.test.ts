import { createEventFeed } from '../../src/events/event-feed.ts';
import { EVENT_TYPES, type EventType } from '../../src/events/event-types.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type WalletWorld } from '../builders/wallet-world.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import { findUntold } from '../support/find-untold.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

interface CloudEvent {
  readonly id: string;
  readonly type: EventType;
  readonly subject: string;
  readonly sequence: string;
  readonly time: string;
  readonly traceparent?: string;
  // biome-ignore lint/suspicious/noExplicitAny: of many shapes
  readonly data: any;
}

/** What a test writes events about that nothing has come of. */
const NOBODYS = 'wallet:999999';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let wallets: WalletWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  wallets = createWalletWorld({ api, world, database });
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  expect((await findUntold(database.pool)).filter((sentence) => !sentence.startsWith(`${NOBODYS} `))).toEqual(
    [],
  );
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const read = async (query = '') => (await api.get(`/api/v1/events${query}`)).json;

/** Where a reader is who has read everything. Writers of other tests on the same server hold readers up for a moment. */
async function now(): Promise<string> {
  const { rows } = await database.pool.query('select max(id) as id from events');
  if (rows[0].id === null) return '';
  return await waitUntil('a reader who has all', async () => {
    const { next_cursor: cursor } = await read('?after=latest');
    return cursor?.startsWith(`e${rows[0].id}-`) && cursor;
  });
}

/** What happened after a cursor, with every page of it, once there is at least so much. */
async function since(cursor: string, count: number): Promise<CloudEvent[]> {
  const after = cursor === '' ? '' : `&after=${cursor}`;
  return await waitUntil(`${count} events`, async () => {
    const { items } = await read(`?limit=200${after}`);
    return items.length >= count && items;
  });
}

const told = (events: readonly CloudEvent[]) => events.map(({ type, subject }) => `${type} ${subject}`);

test('each event is a CloudEvent with the data of its type', async () => {
  const from = await now();
  const { id, userId } = await wallets.wallet(100);
  const { json } = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 20 });
  const [created, accepted] = await since(from, 2);
  expect(created).toEqual({
    specversion: '1.0',
    id: expect.stringMatching(/^\d+-[0-9a-f]{8}$/),
    source: '/tollgate',
    type: 'tollgate.wallet.created.v1',
    subject: `wallet:${id}`,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    datacontenttype: 'application/json',
    sequence: expect.stringMatching(/^\d{19}$/),
    data: { wallet_id: id, user_id: userId, currency: 'USD', name: null, state: 'open' },
  });
  expect(accepted?.data).toEqual({
    payment_id: json.payment_id,
    user_id: userId,
    wallet_id: id,
    type: 'deposit',
    amount: '20',
    amount_minor: '2000',
    commission: '0.4',
    commission_minor: '40',
    fee_payer: 'recipient',
    currency: 'USD',
    redrive_of: null,
    refund_of: null,
    status: 'processing',
  });
  await wallets.carryOut();
});

test('the trace of a request goes with its events, and one that is not valid does not', async () => {
  const from = await now();
  const user = await api.user();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const body = { user_id: user, deposit: 20 };
  await api.post('/api/v1/payments/deposit', body, { traceparent });
  for (const wrong of [
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'nonsense',
  ])
    await api.post('/api/v1/payments/deposit', body, { traceparent: wrong });
  const [, ...accepted] = await since(from, 6);
  expect(accepted.map((event) => event.traceparent)).toEqual([
    traceparent,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  await wallets.carryOut();
});

test('a payment is told from its acceptance to its end, and a refund is told of its deposit too', async () => {
  const from = await now();
  const { userId } = await wallets.wallet(100);
  const { json: deposit } = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 50 });
  await wallets.carryOut();
  const refund = await api.post(`/api/v1/payments/${deposit.payment_id}/refunds`, { amount: 20 });
  await wallets.carryOut();
  const { json: lost } = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5 });
  await wallets.carryOut('refused');
  const { json: tooMuch } = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5000 });
  const events = await since(from, 9);
  expect(told(events).slice(1)).toEqual([
    `tollgate.payment.accepted.v1 payment:${deposit.payment_id}`,
    `tollgate.payment.succeeded.v1 payment:${deposit.payment_id}`,
    `tollgate.payment.accepted.v1 payment:${refund.json.payment_id}`,
    `tollgate.payment.succeeded.v1 payment:${refund.json.payment_id}`,
    `tollgate.payment.refunded.v1 payment:${deposit.payment_id}`,
    `tollgate.payment.accepted.v1 payment:${lost.payment_id}`,
    `tollgate.payment.failed.v1 payment:${lost.payment_id}`,
    `tollgate.payment.failed.v1 payment:${tooMuch.payment_id}`,
  ]);
  expect(events[2]?.data).toMatchObject({ status: 'success', gateway_reference: expect.any(String) });
  expect(events[5]?.data).toMatchObject({
    payment_id: deposit.payment_id,
    refund_id: refund.json.payment_id,
    amount: '20',
    amount_minor: '2000',
  });
  expect(events[8]?.data).toMatchObject({ last_error: 'insufficient funds' });
});

test('an outcome that is not known is told, and so is that it is known at last', async () => {
  const from = await now();
  const { userId } = await wallets.wallet(100);
  const { json } = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5 });
  await wallets.carryOut('unknown');
  await api.post(`/api/v1/payments/${json.payment_id}/resolve`, {
    outcome: 'executed',
    by: 'ana',
    reason: 'they said so',
    evidence: 'line 4 of their statement',
  });
  const events = await since(from, 5);
  expect(told(events).slice(1)).toEqual(
    ['accepted', 'unknown', 'succeeded', 'resolved'].map(
      (what) => `tollgate.payment.${what}.v1 payment:${json.payment_id}`,
    ),
  );
  expect(events[4]?.data).toMatchObject({ status: 'success', resolved_by: 'operator' });
  // Who it was, and why, is for operators.
  expect(JSON.stringify(events)).not.toMatch(/ana|statement|said/);
});

test('a payment of unknown outcome that goes back to the queue is told, and so is a failed one that is replaced', async () => {
  const { userId } = await wallets.wallet(100);
  const pay = async () => (await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5 })).json;
  const redrive = async (paymentId: number) =>
    (await api.post(`/api/v1/dlq/${await wallets.letterOf(paymentId)}/redrive`, { by: 'ana' })).json;
  const { payment_id: unknown } = await pay();
  await wallets.carryOut('unknown');
  const { payment_id: failed } = await pay();
  await wallets.carryOut('refused');
  const from = await now();
  await redrive(unknown);
  const { redriven_payment_id: copy } = await redrive(failed);
  // The gateway is asked first about the one, and does not know.
  await wallets.carryOut();
  const events = await since(from, 4);
  expect(told(events).toSorted()).toEqual([
    `tollgate.payment.accepted.v1 payment:${copy}`,
    `tollgate.payment.redriven.v1 payment:${unknown}`,
    `tollgate.payment.succeeded.v1 payment:${copy}`,
    `tollgate.payment.unknown.v1 payment:${unknown}`,
  ]);
  expect(events[0]?.data).toMatchObject({ payment_id: unknown, status: 'processing', redrive_of: null });
  expect(events[1]?.data.redrive_of).toBe(failed);
});

test('a wallet is told from its opening to its closing', async () => {
  const from = await now();
  const wallet = await wallets.wallet(0);
  for (const action of ['freeze', 'unfreeze', 'close'] as const) await wallets.change(action, wallet);
  const events = await since(from, 4);
  expect(told(events)).toEqual(
    ['created', 'frozen', 'unfrozen', 'closed'].map(
      (what) => `tollgate.wallet.${what}.v1 wallet:${wallet.id}`,
    ),
  );
  expect(events[3]?.data).toEqual({
    wallet_id: wallet.id,
    user_id: wallet.userId,
    state: 'closed',
    state_before: 'open',
  });
});

test('what is held for an order is told, with each capture and its end', async () => {
  const { userId } = await wallets.wallet(100);
  const other = await wallets.wallet(0);
  const from = await now();
  const at = `/api/v1/accounts/${userId}`;
  await api.post(`${at}/hold`, { order_id: 'o-1', amount: 30 });
  // It is there already.
  await api.post(`${at}/hold`, { order_id: 'o-1', amount: 30 });
  await api.post(`${at}/capture`, { order_id: 'o-1', amount: 10, to_user_id: other.userId, final: false });
  await api.post(`${at}/release`, { order_id: 'o-1' });
  const events = await since(from, 3);
  expect(events.map(({ type }) => type)).toEqual([
    'tollgate.hold.placed.v1',
    'tollgate.hold.captured.v1',
    'tollgate.hold.released.v1',
  ]);
  expect(new Set(events.map(({ subject }) => subject)).size).toBe(1);
  expect(events[1]?.data).toMatchObject({
    status: 'open',
    captured: '10',
    captured_now: '10',
    remaining: '20',
    to_user_id: other.userId,
  });
  expect(events[2]?.data).toMatchObject({
    status: 'released',
    captured: '10',
    released: '20',
    remaining: '0',
  });
});

test('a wallet that has a name is the one that the events of its holds name, on both sides', async () => {
  const [buyer, seller] = [await wallets.wallet(100), await wallets.wallet(0)];
  const savings = await wallets.named(buyer.userId, 'savings');
  const shop = await wallets.named(seller.userId, 'shop');
  await api.post(wallets.at(buyer.id, '/transfer'), { to_wallet_id: savings.id, amount: 50 });
  const from = await now();
  await api.post(wallets.at(savings.id, '/hold'), { order_id: 'o-2', amount: 30 });
  await api.post(`/api/v1/accounts/${buyer.userId}/capture`, {
    order_id: 'o-2',
    amount: 30,
    to_wallet_id: shop.id,
  });
  const [placed, captured] = await since(from, 2);
  expect(placed?.data.wallet_id).toBe(savings.id);
  expect(captured?.type).toBe('tollgate.hold.captured.v1');
  expect(captured?.data).toMatchObject({
    wallet_id: savings.id,
    to_user_id: seller.userId,
    to_wallet_id: shop.id,
  });
});

test('a transfer is told once, however often it is asked for', async () => {
  const [sender, recipient] = [await wallets.wallet(100), await wallets.wallet(0)];
  const from = await now();
  const path = wallets.at(sender.id, '/transfer');
  const body = { to_wallet_id: recipient.id, amount: 30 };
  for (let tries = 0; tries < 3; tries += 1)
    await api.post(path, body, { 'Idempotency-Key': `t-${sender.id}` });
  await api.post(path, { ...body, amount: 5000 });
  const events = await since(from, 1);
  expect(events).toHaveLength(1);
  expect(events[0]?.data).toMatchObject({
    from_wallet_id: sender.id,
    to_user_id: recipient.userId,
    amount: '30',
    amount_minor: '3000',
    currency: 'USD',
  });
});

test('every event that was told so far has the data that its type promises', async () => {
  const events = await since('', 20);
  for (const event of events) {
    const { data } = EVENT_TYPES[event.type];
    expect(data.strict().parse(event.data)).toEqual(event.data);
    expect(event.subject).toMatch(new RegExp(`^${EVENT_TYPES[event.type].subject}:[1-9]`));
  }
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map(({ sequence }) => sequence).toSorted());
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

describe('the feed', () => {
  test('goes from page to page without a gap or a repetition', async () => {
    const all = await since('', 20);
    const paged: CloudEvent[] = [];
    for (let cursor = ''; ; ) {
      const page = await read(`?limit=7${cursor === '' ? '' : `&after=${cursor}`}`);
      paged.push(...page.items);
      cursor = page.next_cursor;
      if (!page.has_more) break;
    }
    expect(paged).toEqual(all);
  });

  test('is narrowed by type and by subject, and still says how far it has looked', async () => {
    const [, someEvent] = await since('', 20);
    const subject = someEvent?.subject as string;
    const ofSubject = await read(`?subject=${subject}`);
    expect(ofSubject.items.length).toBeGreaterThan(0);
    expect(new Set(ofSubject.items.map((event: CloudEvent) => event.subject))).toEqual(new Set([subject]));
    const type = 'tollgate.transfer.completed.v1';
    const ofType = await read(`?type=${type}`);
    expect(new Set(ofType.items.map((event: CloudEvent) => event.type))).toEqual(new Set([type]));
    const none = await read('?subject=payment:999999');
    expect(none).toEqual({ items: [], next_cursor: ofType.next_cursor, has_more: false });
  });

  test.each([
    ['?after=p12', 'after', 'is not a cursor of the events'],
    ['?after=e12', 'after', 'is not a cursor of the events'],
    ['?after=e12-ffffffff', 'after', 'is not a cursor of the events'],
    ['?after=', 'after', 'is not a cursor of the events'],
    ['?after=latest&after=latest', 'after', 'must be given once'],
    ['?type=nonsense', 'type', 'must be one of'],
    ['?subject=payment', 'subject', 'must be a kind (payment, wallet, hold,'],
    ['?subject=paymnt:42', 'subject', 'must be a kind (payment,'],
    ['?subject=payment:042', 'subject', 'and an id, such as payment:42'],
    ['?wait_seconds=31', 'wait_seconds', 'must be a whole number from 0 to 30'],
    ['?limit=0', 'limit', 'must be a whole number'],
    ['?limit=100000000000000000000', 'limit', 'must be a whole number'],
    ['?cursor=e1', 'cursor', 'is not recognized'],
  ])('refuses %s and says why', async (query, field, message) => {
    const { status, json } = await api.get(`/api/v1/events${query}`);
    expect(status).toBe(422);
    expect(json.errors).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  test('waits for an event that is not there yet, and holds no connection while it does', async () => {
    const cursor = await now();
    const waiting = api.get(`/api/v1/events?after=${cursor}&wait_seconds=30`);
    await waitUntil('a reader that waits', async () => {
      const { text } = await api.get('/metrics');
      return /^tollgate_events_readers_waiting 1$/m.test(text);
    });
    const { rows } = await database.pool.query(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and application_name like '%events' and state <> 'idle' and query not like '%last_value%'`,
    );
    expect(rows[0].count).toBe(0);
    const user = await api.user();
    const { json } = await waiting;
    expect(json.items).toHaveLength(1);
    expect(json.items[0].data.user_id).toBe(user);
  });

  test('answers a wait that is in vain with an empty page', async () => {
    const cursor = await now();
    expect(await read(`?after=${cursor}&wait_seconds=1`)).toEqual({
      items: [],
      next_cursor: cursor,
      has_more: false,
    });
  });

  test('says nothing of what a transaction wrote that is still open, nor of anything after it', async () => {
    const cursor = await now();
    const open = await database.pool.connect();
    await open.query('begin');
    await open.query(
      `insert into events (type, subject, data) values ('tollgate.wallet.closed.v1', '${NOBODYS}', '{"n":1}')`,
    );
    await api.user();
    expect((await read(`?after=${cursor}`)).items).toEqual([]);
    await open.query('commit');
    open.release();
    const [first, second] = await since(cursor, 2);
    expect([first?.data, second?.type]).toEqual([{ n: 1 }, 'tollgate.wallet.created.v1']);
  });

  describe('with a database of its own', () => {
    let own: TestDatabase;
    let late: TestApi;
    beforeEach(async () => {
      own = await createTestDatabase();
      late = await startTestApi(own.databaseUrl);
    });
    afterEach(async () => {
      await late.stop();
      await own.close();
    });
    const get = (query: string) => late.get(`/api/v1/events${query}`);
    /** A whole page, once there is one: other writers of the server hold readers up for a moment. */
    const page = (query: string, count: number) =>
      waitUntil(`${count} events`, async () => {
        const { json } = await get(query);
        return json.items.length === count && json;
      });
    /** Drops the oldest day, in which there are these events. */
    async function dropped(ids: readonly number[]): Promise<void> {
      for (const id of ids)
        await own.pool.query(
          `insert into events (id, created_at, type, subject, data) values ($1, '2020-01-01', 'tollgate.wallet.closed.v1', 'wallet:1', '{}')`,
          [id],
        );
      await own.pool.query(`
        select keep_event_days(1);
        begin; set local tollgate.prunes = 'events'; select drop_event_day('2020-01-02', null); commit`);
    }

    test('tells who comes too late that something has been dropped, and never passes over it', async () => {
      for (let count = 0; count < 4; count += 1) await late.user();
      const { items } = await page('', 4);
      const from = (index: number) => `?after=e${items[index].id}`;
      await dropped([2]);
      const { status, json } = await get(from(0));
      expect([status, json.code]).toEqual([410, 'events-dropped']);
      expect(json.errors).toEqual([{ field: 'after', message: expect.stringContaining('no longer kept') }]);
      await page(from(1), 2);
    });

    test('begins with the oldest event that is kept for whoever has no cursor, and goes on from there in pages of any size', async () => {
      for (let count = 0; count < 4; count += 1) await late.user();
      const { items } = await page('', 4);
      // A transaction that began before midnight and wrote after it: its day had a number from the middle of the next.
      await dropped([3]);
      const kept = [];
      for (let cursor: string | null = null; ; ) {
        const { status, json } = await get(`?limit=1${cursor === null ? '' : `&after=${cursor}`}`);
        expect(status).toBe(200);
        kept.push(...json.items);
        cursor = json.next_cursor;
        if (!json.has_more) break;
      }
      expect(kept).toEqual(items.slice(3));
    });

    test('tells whose event is gone with the end of the ledger that something was lost', async () => {
      await late.user();
      const { next_cursor: cursor } = await page('', 1);
      // As after a restore: the number is given to another event.
      await own.pool.query(`
        begin;
        alter table events disable trigger all;
        update events set nonce = (nonce + 1) % 2147483647;
        alter table events enable trigger all;
        commit`);
      const headers = { 'Last-Event-ID': cursor };
      for (const [request, field] of [
        [get(`?after=${cursor}`), 'after'],
        [late.request('GET', '/api/v1/events', { headers }), 'Last-Event-ID'],
        [get(`?after=e4711-2f0a91c4`), 'after'],
        [get(`?after=e4711-2f0a91c4&wait_seconds=30`), 'after'],
      ] as const) {
        const { status, json } = await request;
        expect([status, json.code]).toEqual([410, 'events-lost']);
        expect(json.errors).toEqual([{ field, message: expect.stringContaining('not there') }]);
      }
    });

    test('does not take the beginning for the latest while a writer is open that it knows nothing of', async () => {
      const before = await late.user();
      const open = await own.pool.connect();
      await open.query('begin; select pg_current_xact_id()');
      const starting = await startTestApi(own.databaseUrl, { API_REQUEST_TIMEOUT_SECONDS: '60' });
      try {
        const { status, json } = await starting.get('/api/v1/events?after=latest');
        expect([status, json.code]).toEqual([503, 'database-unavailable']);
        expect(json.detail).toContain('which event is the latest');
        const waiting = starting.get('/api/v1/events?after=latest&wait_seconds=30');
        await waitUntil('one who waits', async () =>
          /^tollgate_events_readers_waiting 1$/m.test((await starting.get('/metrics')).text),
        );
        await open.query('commit');
        await waitUntil('an event that is the latest', async () => {
          const known = await starting.get('/api/v1/events?after=latest');
          return known.status === 200 && known.json.next_cursor !== null;
        });
        let answer: ApiAnswer | undefined;
        const answered = waiting.then((got) => {
          answer = got;
        });
        await waitUntil('an answer', async () => {
          await starting.user();
          return answer;
        });
        await answered;
        const users = answer?.json.items.map(({ data }: { data: { user_id: number } }) => data.user_id);
        expect(users.length).toBeGreaterThan(0);
        expect(users).not.toContain(undefined);
        expect(users).not.toContain(before);
      } finally {
        open.release();
        await starting.stop();
      }
    });
  });

  test('is for operators', async () => {
    const guarded = await startTestApi(database.databaseUrl, { OPERATOR_TOKEN: 'a-token-of-some-length' });
    try {
      expect((await guarded.get('/api/v1/events')).status).toBe(401);
      const headers = { Authorization: 'Bearer a-token-of-some-length' };
      expect((await guarded.request('GET', '/api/v1/events', { headers })).status).toBe(200);
    } finally {
      await guarded.stop();
    }
  });
});

describe('a stream', () => {
  /** The messages of a stream, as they come. */
  async function listen(at: TestApi, headers: Record<string, string> = {}, query = '') {
    const leaving = new AbortController();
    const response = await fetch(`${at.origin}/api/v1/events${query}`, {
      headers: { Accept: 'text/event-stream', ...headers },
      signal: leaving.signal,
    });
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? [])
        text += decoder.decode(chunk as Uint8Array, { stream: true });
    })().catch(() => {});
    return {
      response,
      text: () => text,
      messages: () =>
        text
          .split('\n\n')
          .filter((block) => block.includes('data: '))
          .map((block) => ({
            id: /^id: (.*)$/m.exec(block)?.[1] as string,
            event: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] as string) as CloudEvent,
          })),
      ended: reading,
      async leave() {
        leaving.abort();
        await reading;
      },
    };
  }

  test('brings what is there, then what happens, each with the cursor to go on from', async () => {
    const stream = await listen(api);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers.get('cache-control')).toBe('no-store');
    const before = (await read('?limit=200')).items.length;
    await waitUntil('the past', () => stream.messages().length >= before);
    const user = await api.user();
    await waitUntil('the present', () => stream.messages().length > before);
    const last = stream.messages().at(-1);
    expect(last?.event.data.user_id).toBe(user);
    await stream.leave();
    await api.user();
    const again = await listen(api, { 'Last-Event-ID': last?.id as string });
    await waitUntil('what came meanwhile', () => again.messages().length > 0);
    expect(again.messages()).toHaveLength(1);
    await again.leave();
  });

  test('with a filter brings only what is asked for', async () => {
    const cursor = await now();
    const stream = await listen(api, { 'Last-Event-ID': cursor }, '?type=tollgate.wallet.frozen.v1');
    const wallet = await wallets.wallet(0);
    await wallets.change('freeze', wallet);
    await waitUntil('a message', () => stream.messages().length > 0);
    expect(told(stream.messages().map(({ event }) => event))).toEqual([
      `tollgate.wallet.frozen.v1 wallet:${wallet.id}`,
    ]);
    await stream.leave();
  });

  test('that has no event yet begins where `after` says', async () => {
    const stream = await listen(api, { 'Last-Event-ID': '' }, '?after=latest');
    expect(stream.response.status).toBe(200);
    await stream.leave();
    const document = (await api.get('/openapi.json')).json;
    const { parameters } = document.paths['/api/v1/events'].get;
    const { schema } = parameters.find(({ name }: { name: string }) => name === 'Last-Event-ID');
    expect(['', 'latest', 'e1-00000000'].every((value) => new RegExp(schema.pattern).test(value))).toBe(true);
    expect(new RegExp(schema.pattern).test('e1')).toBe(false);
  });

  test('that is refused is refused with a problem', async () => {
    const { response } = await listen(api, { 'Last-Event-ID': 'nonsense' });
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  test('goes beyond the time of a request, sends signs of life, and ends after its own', async () => {
    const short = await startTestApi(database.databaseUrl, {
      API_REQUEST_TIMEOUT_SECONDS: '2',
      EVENTS_STREAM_SECONDS: '6',
    });
    try {
      // Other tests write on this server, and a process that has just begun waits for the writers of that moment.
      await waitUntil(
        'an event that is the latest',
        async () => (await short.get('/api/v1/events?after=latest')).status === 200,
      );
      const stream = await listen(short, {}, '?after=latest');
      expect(stream.response.status).toBe(200);
      await stream.ended;
      // One in each second, which is half of the time of a request: the third comes when that is over.
      expect(stream.text().match(/: nothing new/g)?.length).toBeGreaterThanOrEqual(3);
      expect(stream.text()).toMatch(/^retry: \d+\n\n/);
    } finally {
      await short.stop();
    }
  });

  test('takes a place among those who wait, which is free again when it ends; without one there is a 503', async () => {
    const small = await startTestApi(database.databaseUrl, { EVENTS_MAX_READERS: '1' });
    try {
      const stream = await listen(small);
      expect(stream.response.status).toBe(200);
      expect((await small.get('/api/v1/events?wait_seconds=1')).json.code).toBe('overloaded');
      expect((await small.get('/api/v1/events')).status).toBe(200);
      await stream.leave();
      await waitUntil(
        'a free place',
        async () => (await small.get('/api/v1/events?wait_seconds=1')).status === 200,
      );
    } finally {
      await small.stop();
    }
  });

  test('ends when the API stops, which does not wait for it', async () => {
    const stopping = await startTestApi(database.databaseUrl);
    const stream = await listen(stopping);
    const waiting = stopping.get('/api/v1/events?after=latest&wait_seconds=30');
    await waitUntil('two readers', async () =>
      /^tollgate_events_readers_waiting 2$/m.test((await stopping.get('/metrics')).text),
    );
    await Promise.all([stopping.stop(), waiting, stream.ended]);
  });
});

test('a database that comes back is asked again, and what happened meanwhile is told', async () => {
  const errors: unknown[] = [];
  let isAway = false;
  const texts: string[] = [];
  const pool = {
    query(...query: unknown[]) {
      texts.push((query[0] as { name: string }).name);
      if (isAway) return Promise.reject(Object.assign(new Error('away'), { code: '57P03' }));
      return (database.pool.query as (...query: unknown[]) => unknown).apply(database.pool, query);
    },
  };
  const feed = createEventFeed({ pool: pool as never, onError: (error) => errors.push(error) });
  const query = { after: 'latest' as const, limit: 10 };
  const waiting = feed.read(query, { forMs: 30_000, signal: new AbortController().signal });
  // It has read, and looks again now and then.
  await waitUntil('looks of one who waits', () => {
    const readAt = texts.indexOf('events-read');
    return readAt >= 0 && texts.length > readAt + 3;
  });
  isAway = true;
  await waitUntil('a failed look', () => errors.length > 0);
  isAway = false;
  await api.user();
  expect((await waiting).events.length).toBeGreaterThan(0);
  await feed.stop();
});
