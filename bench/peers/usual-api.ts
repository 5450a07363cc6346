import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type RequestHandler } from 'express';
import type { Knex } from 'knex';
import { announceStart, type Order, serveOrders } from '../harness/serve-orders.ts';
import { acceptTheUsualWay, type UsualQueue } from './usual-accept.sql.ts';
import { convertTheUsualWay } from './usual-conversions.sql.ts';
import { captureTheUsualWay, holdTheUsualWay } from './usual-holds.sql.ts';
import { openUsualKnex } from './usual-knex.sql.ts';

/**
 * The usual way to accept a payment, hold money or convert it safely: Express, and for each request a knex transaction of its own that does its work a
 * statement at a time. Validation is a few comparisons; there are no metrics and there is no request log.
 */
interface ConnectOrder extends Order {
  readonly kind: 'connect';
  readonly databaseUrl: string;
  readonly queue: UsualQueue;
}

let knex: Knex | undefined;
let queue: UsualQueue = 'table';

const accept =
  (type: 'deposit' | 'withdraw'): RequestHandler =>
  async (request, response) => {
    const { user_id: userId, deposit, amount = deposit } = request.body;
    const key = request.get('idempotency-key') ?? '';
    if (!Number.isSafeInteger(userId) || !(amount > 0) || key === '') {
      response.status(422).json({ error: 'the request does not fit' });
      return;
    }
    const { status, body } = await acceptTheUsualWay(knex as Knex, {
      type,
      userId,
      amount,
      amountMinor: Math.round(amount * 100),
      key,
      fingerprint: fingerprintOf(request),
      queue,
    });
    response.status(status).type('application/json').send(body);
  };

/** A hold for an order, or the capture of all of it. */
const hold =
  (action: 'hold' | 'capture'): RequestHandler =>
  async (request, response) => {
    const { order_id: orderId, amount } = request.body;
    const userId = Number(request.params.userId);
    const key = request.get('idempotency-key') ?? '';
    const isFit = action === 'capture' || amount > 0;
    if (!Number.isSafeInteger(userId) || typeof orderId !== 'string' || key === '' || !isFit) {
      response.status(422).json({ error: 'the request does not fit' });
      return;
    }
    const asked = { userId, orderId, key, fingerprint: fingerprintOf(request) };
    const { status, body } =
      action === 'hold'
        ? await holdTheUsualWay(knex as Knex, { ...asked, amountMinor: Math.round(amount * 100) })
        : await captureTheUsualWay(knex as Knex, asked);
    response.status(status).type('application/json').send(body);
  };

const convert: RequestHandler = async (request, response) => {
  const { quote_id: token } = request.body;
  const key = request.get('idempotency-key') ?? '';
  if (typeof token !== 'string' || key === '') {
    response.status(422).json({ error: 'the request does not fit' });
    return;
  }
  const asked = { token, key, fingerprint: fingerprintOf(request) };
  const { status, body } = await convertTheUsualWay(knex as Knex, asked);
  response.status(status).type('application/json').send(body);
};

function fingerprintOf({ path, body }: Request): Buffer {
  return createHash('sha256')
    .update(`${path}\n${JSON.stringify(body)}`)
    .digest();
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json());
app.post('/api/v1/payments/deposit', accept('deposit'));
app.post('/api/v1/payments/withdraw', accept('withdraw'));
app.post('/api/v1/accounts/:userId/hold', hold('hold'));
app.post('/api/v1/accounts/:userId/capture', hold('capture'));
app.post('/api/v1/currency/convert/execute', convert);

serveOrders<ConnectOrder>(async (order) => {
  knex = openUsualKnex(order.databaseUrl);
  queue = order.queue;
  return undefined;
});
const server = createServer(app);
server.listen(0, '127.0.0.1', () => announceStart({ port: (server.address() as AddressInfo).port }));
