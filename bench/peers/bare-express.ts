import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { announceStart, serveOrders } from '../harness/serve-orders.ts';

/** The least that an Express server can do with such a request: parse the JSON and answer with JSON. Nothing is kept. */
const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json());
let paymentId = 0;
app.post('/api/v1/payments/deposit', (request, response) => {
  const { user_id, deposit } = request.body;
  paymentId += 1;
  response.status(202).json({ payment_id: paymentId, user_id, status: 'processing', deposit });
});
app.post('/api/v1/payments/withdraw', (request, response) => {
  const { user_id, amount } = request.body;
  paymentId += 1;
  response.status(202).json({ payment_id: paymentId, user_id, status: 'processing', withdraw: amount });
});

serveOrders(() => undefined);
const server = createServer(app);
server.listen(0, '127.0.0.1', () => announceStart({ port: (server.address() as AddressInfo).port }));
