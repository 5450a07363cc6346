import { setTimeout as sleep } from 'node:timers/promises';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import { z } from 'zod';
import type { Logger } from '../shared/logging.ts';
import {
  type Behaviour,
  behaviourSchema,
  type CallMode,
  decideCall,
  drawLatencyMs,
  drawNumbers,
} from './behaviour.ts';
import { type BookEntry, createBook } from './book.ts';
import type { HeldAnswers } from './held-answers.ts';
import { type PayRequest, payRequestSchema } from './pay-request.ts';

export interface GatewayMockOptions {
  readonly seed: string;
  readonly behaviour: Behaviour;
  readonly heldAnswers: HeldAnswers;
  readonly log: Logger;
}

/** What the mock knows of one reference, beside its book. */
interface ReferenceState {
  readonly request: PayRequest;
  callCount: number;
  isRefused: boolean;
}

const bookQuerySchema = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

/**
 * A stand-in for a payment gateway with seeded faults. It honours the idempotency key: whatever faults it shows, a
 * reference is executed at most once, and one that was refused stays refused.
 */
export function createGatewayMockApp({
  seed,
  behaviour: initial,
  heldAnswers,
  log,
}: GatewayMockOptions): Express {
  const book = createBook();
  const references = new Map<string, ReferenceState>();
  let behaviour = initial;
  const counters = { calls: 0, repeated_calls: 0, key_conflicts: 0, inquiries: 0 };

  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '16kb' }));
  const router = express.Router();
  app.use('/mock-gateway', router);

  router.get('/health', (_request, response) => {
    response.json({ status: 'ok', seed });
  });

  router.post('/pay', async (request, response) => {
    counters.calls += 1;
    const reference = request.get('idempotency-key') ?? '';
    if (!/^[\x21-\x7e]{1,255}$/.test(reference)) {
      response.status(400).json({
        code: 'idempotency_key_missing',
        message: 'Idempotency-Key must have 1 to 255 visible characters',
      });
      return;
    }
    const parsed = payRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      response.status(422).json(describeIssues(parsed.error));
      return;
    }
    const state = references.get(reference) ?? { request: parsed.data, callCount: 0, isRefused: false };
    if (!isSameRequest(state.request, parsed.data)) {
      counters.key_conflicts += 1;
      response
        .status(422)
        .json({ code: 'idempotency_key_reused', message: 'this key was used for another payment' });
      return;
    }
    references.set(reference, state);
    if (state.callCount > 0) counters.repeated_calls += 1;
    const callNumber = state.callCount;
    state.callCount += 1;

    const mode = decideCall(behaviour, { seed, reference, callNumber, paymentId: parsed.data.paymentId });
    await sleep(drawLatencyMs(behaviour, `${seed} ${reference} ${callNumber}`));
    // The execution and the answer are one turn of the event loop: no other call can come between.
    answerPay(response, { mode, reference, state });
    log.debug({
      event: 'gateway_mock.call',
      reference,
      payment_id: parsed.data.paymentId,
      call: callNumber,
      mode,
    });
  });

  function answerPay(
    response: Response,
    {
      mode,
      reference,
      state,
    }: { readonly mode: CallMode; readonly reference: string; readonly state: ReferenceState },
  ): void {
    const executes = mode === 'ok' || mode.startsWith('execute_then_');
    if (mode === 'refuse' && !book.find(reference)) state.isRefused = true;
    if (executes && !state.isRefused) book.execute({ reference, ...state.request });
    switch (mode) {
      case 'ok':
      case 'refuse':
        answerHonestly(response, { state, entry: book.find(reference) });
        return;
      case 'timeout':
      case 'execute_then_timeout':
        heldAnswers.hold(response);
        return;
      case 'error':
      case 'execute_then_error':
        response
          .status(behaviour.is_down ? 503 : 502)
          .json({ code: 'bad_gateway', message: 'the gateway has a problem' });
        return;
      case 'rate_limit':
        response
          .status(429)
          .set('retry-after', '1')
          .json({ code: 'rate_limited', message: 'too many calls' });
        return;
      case 'reset':
      case 'execute_then_reset':
        response.socket?.resetAndDestroy();
        return;
      case 'garbage':
        response.status(200).type('html').send('<html>ok</html>');
        return;
    }
  }

  router.get('/pay/:reference', (request, response) => {
    counters.inquiries += 1;
    const { reference } = request.params;
    const [draw] = drawNumbers(`${seed} inquiry ${reference} ${counters.inquiries}`);
    if (behaviour.is_down || draw < behaviour.inquiry_error_rate) {
      response.status(502).json({ code: 'bad_gateway', message: 'the gateway has a problem' });
      return;
    }
    const entry = book.find(reference);
    const isVisible = entry && Date.now() - entry.executedAt.getTime() >= behaviour.inquiry_lag_ms;
    const state = references.get(reference);
    if (isVisible)
      response.json({ reference, status: 'succeeded', gateway_reference: entry.gatewayReference });
    else if (state?.isRefused)
      response.json({ reference, status: 'declined', message: 'declined by the issuer' });
    else
      response
        .status(404)
        .json({ code: 'payment_not_found', message: 'there is no payment with this reference' });
  });

  router.get('/book', (request, response) => {
    const query = bookQuerySchema.safeParse(request.query);
    if (!query.success) response.status(422).json(describeIssues(query.error));
    else response.json({ ...book.export(query.data), counters });
  });
  router.delete('/book', (_request, response) => {
    book.clear();
    references.clear();
    response.status(204).end();
  });

  router.get('/behaviour', (_request, response) => {
    response.json(behaviour);
  });
  router.put('/behaviour', (request, response) => {
    const changes = isRecord(request.body) ? request.body : {};
    const payments = isRecord(changes.payments)
      ? { ...behaviour.payments, ...changes.payments }
      : changes.payments;
    const parsed = behaviourSchema.safeParse({
      ...behaviour,
      ...changes,
      payments: payments ?? behaviour.payments,
    });
    if (!parsed.success) {
      response.status(422).json(describeIssues(parsed.error));
      return;
    }
    behaviour = parsed.data;
    response.json(behaviour);
  });
  router.delete('/behaviour', (_request, response) => {
    behaviour = initial;
    response.json(behaviour);
  });

  app.use((_request, response) => {
    response.status(404).json({ code: 'not_found', message: 'there is nothing here' });
  });
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    const status = error?.status >= 400 && error?.status < 500 ? error.status : 500;
    if (status === 500) log.error({ event: 'gateway_mock.failed', error });
    response
      .status(status)
      .json({ code: status === 500 ? 'internal' : 'bad_request', message: 'the request could not be read' });
  };
  app.use(onError);
  return app;
}

function answerHonestly(
  response: Response,
  { state, entry }: { readonly state: ReferenceState; readonly entry: BookEntry | undefined },
): void {
  if (entry) {
    response
      .status(200)
      .json({ status: 'succeeded', reference: entry.reference, gateway_reference: entry.gatewayReference });
  } else if (state.isRefused) {
    response.status(402).json({ code: 'declined', message: 'declined by the issuer' });
  }
}

function isSameRequest(a: PayRequest, b: PayRequest): boolean {
  return (
    a.paymentId === b.paymentId &&
    a.userId === b.userId &&
    a.type === b.type &&
    a.currency === b.currency &&
    a.amountMinor === b.amountMinor &&
    a.commissionMinor === b.commissionMinor
  );
}

function describeIssues(error: z.ZodError) {
  return {
    code: 'invalid_request',
    message: 'the request does not fit',
    errors: error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
