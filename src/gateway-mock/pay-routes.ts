import { type RequestHandler, type Response, Router } from 'express';
import type { Logger } from '../telemetry/logging.ts';
import type { BehaviourStore } from './behaviour-store.ts';
import type { HeldAnswers } from './held-answers.ts';
import { sendIssues } from './json-errors.ts';
import { renderReport } from './misreport.ts';
import { payRequestSchema } from './pay-request.ts';
import type { CallEnd, Fault, InquiryEnd, PaymentDesk, ToldSuccess } from './payment-desk.ts';
import { type PlainGuards, servePath } from './serve-path.ts';

export interface PayRouteOptions {
  readonly desk: PaymentDesk;
  readonly behaviour: BehaviourStore;
  readonly heldAnswers: HeldAnswers;
  readonly guards: PlainGuards;
  readonly log: Logger;
}

const REFUSAL = { code: 'declined', message: 'declined by the issuer' };
const PROBLEM = { code: 'bad_gateway', message: 'the gateway has a problem' };
const TOO_MANY = { code: 'rate_limited', message: 'too many calls' };
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** The gateway's own two routes: one carries out a payment, the other says what became of one. */
export function createPayRoutes({ desk, behaviour, heldAnswers, guards, log }: PayRouteOptions): Router {
  const router = Router();

  const pay: RequestHandler = async (request, response) => {
    const reference = request.get('idempotency-key') ?? '';
    if (!VISIBLE_ASCII.test(reference)) {
      const message = 'Idempotency-Key must have 1 to 255 visible characters';
      response.status(400).json({ code: 'idempotency_key_missing', message });
      return;
    }
    const parsed = payRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      sendIssues(response, parsed.error);
      return;
    }
    const call = desk.take(reference, parsed.data);
    if (call.kind === 'key_conflict') {
      const message = 'this key was used for another payment';
      response.status(422).json({ code: 'idempotency_key_reused', message });
      return;
    }
    const { callNumber, mode } = call;
    log.debug({
      event: 'gateway_mock.call',
      reference,
      payment_id: parsed.data.paymentId,
      call: callNumber,
      mode,
    });
    if (!(await heldAnswers.pause(call.latencyMs))) {
      response.destroy();
      return;
    }
    // Execute it even if the client has hung up: a gateway carries out every request that it has received.
    send(response, call.finish());
  };

  function send(response: Response, end: CallEnd): void {
    if (end.kind === 'succeeded') sendSuccess(response, end);
    else if (end.kind === 'refused') response.status(402).json(REFUSAL);
    else if (end.kind === 'vague') response.json(end.body);
    else sendFault(response, end.fault);
  }

  function sendSuccess(response: Response, { entry, misreport }: ToldSuccess): void {
    response.json({
      status: 'succeeded',
      gateway_reference: entry.gatewayReference,
      ...renderReport(entry, misreport),
    });
  }

  function sendFault(response: Response, fault: Fault): void {
    switch (fault) {
      case 'timeout':
        heldAnswers.hold(response, behaviour.get().timeout_hold_ms);
        return;
      case 'error':
        response.status(502).json(PROBLEM);
        return;
      case 'down':
        response.status(503).json(PROBLEM);
        return;
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'garbage':
        response.type('html').send('<html>ok</html>');
        return;
      case 'unauthorized':
        response.status(401).json({ code: 'unauthorized', message: 'the key is unknown' });
        return;
      case 'forbidden':
        response.status(403).type('html').send('<html><h1>403 Forbidden</h1></html>');
        return;
      case 'no_route':
        response.status(404).type('html').send('<html><h1>404 Not Found</h1></html>');
        return;
      case 'rate_limit':
        response.status(429).set('retry-after', '1').json(TOO_MANY);
        return;
      case 'rate_limit_silently':
        response.status(429).json(TOO_MANY);
        return;
    }
  }

  const inquire: RequestHandler = (request, response) => {
    const reference = String(request.params.reference);
    answer(response, reference, desk.inquire(reference));
  };

  function answer(response: Response, reference: string, end: InquiryEnd): void {
    switch (end.kind) {
      case 'succeeded':
        sendSuccess(response, end);
        return;
      case 'declined':
        response.json({ reference, status: 'declined', ...REFUSAL });
        return;
      case 'pending':
        response.json({ reference, status: 'pending' });
        return;
      case 'not_found':
        response
          .status(404)
          .json({ code: 'payment_not_found', message: 'there is no payment with this reference' });
        return;
      case 'vague':
        response.json(end.body);
        return;
      case 'fault':
        sendFault(response, end.fault);
        return;
    }
  }

  servePath(router, '/pay', { guards, handlers: { post: pay } });
  servePath(router, '/pay/:reference', { guards, handlers: { get: inquire } });
  return router;
}
