import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import type { Knex } from 'knex';
import { announceStart, type Order, serveOrders } from '../harness/serve-orders.ts';
import { acceptTheUsualWay, type UsualQueue } from './usual-accept.sql.ts';
import { openUsualKnex } from './usual-knex.sql.ts';

/**
 * The usual way to accept a payment safely: Express, and for each request a knex transaction of its own that does its work a
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
    const fingerprint = createHash('sha256')
      .update(`${request.path}\n${JSON.stringify(request.body)}`)
      .digest();
    const { status, body } = await acceptTheUsualWay(knex as Knex, {
      type,
      userId,
      amount,
      amountMinor: Math.round(amount * 100),
      key,
      fingerprint,
      queue,
    });
    response.status(status).type('application/json').send(body);
  };

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json());
app.post('/api/v1/payments/deposit', accept('deposit'));
app.post('/api/v1/payments/withdraw', accept('withdraw'));

serveOrders<ConnectOrder>(async (order) => {
  knex = openUsualKnex(order.databaseUrl);
  queue = order.queue;
  return undefined;
});
const server = createServer(app);
server.listen(0, '127.0.0.1', () => announceStart({ port: (server.address() as AddressInfo).port }));
