import express, { type Express } from 'express';
import type { NamedHost } from '../http/allowed-hosts.ts';
import { createPlainGuards } from '../http/plain-guards.ts';
import type { Logger } from '../telemetry/logging.ts';
import type { Behaviour } from './behaviour.ts';
import { createBehaviourStore } from './behaviour-store.ts';
import { type CallbackSender, createCallbackSender } from './callback-sender.ts';
import { createControlRoutes } from './control-routes.ts';
import { createGatewayMemory } from './gateway-memory.ts';
import type { HeldAnswers } from './held-answers.ts';
import { createErrorHandler, sendNotFound } from './json-errors.ts';
import { createPayRoutes } from './pay-routes.ts';
import { createPaymentDesk, MAX_PAYMENTS } from './payment-desk.ts';
import type { RecordFile } from './record-file.ts';

export interface GatewayMockOptions {
  readonly seed: string;
  readonly behaviour: Behaviour;
  readonly heldAnswers: HeldAnswers;
  /** Where outcomes are reported, and the secret that signs the reports; null to report to nobody. */
  readonly callbacks: { readonly url: string; readonly secret: string } | null;
  /** Where the gateway records what happened; undefined if it need not survive the process. */
  readonly file: RecordFile | undefined;
  /** Further host names under which the control routes answer, besides those of this machine and `listenedOn`. */
  readonly allowedHosts: readonly NamedHost[];
  readonly listenedOn: string;
  readonly log: Logger;
}

const BODY_LIMIT_BYTES = 16_384;

/**
 * A stand-in for a payment gateway. A seed determines its faults, and its book shows what it really did.
 * @throws Error if its file contains something that it did not write.
 */
export function createGatewayMockApp({
  seed,
  behaviour: initial,
  heldAnswers,
  callbacks,
  file,
  allowedHosts,
  listenedOn,
  log,
}: GatewayMockOptions): { readonly app: Express; readonly sender: CallbackSender | undefined } {
  const behaviour = createBehaviourStore(initial);
  const memory = createGatewayMemory({ file, maxPayments: MAX_PAYMENTS });
  const sender = callbacks
    ? createCallbackSender({
        ...callbacks,
        seed,
        behaviour,
        log,
        onDelivery: (word) => memory.record({ kind: 'callback', ...word }),
      })
    : undefined;
  const desk = createPaymentDesk({ seed, behaviour, memory, onOutcome: sender?.notify });

  const guards = createPlainGuards({ allowedHosts, listenedOn });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(guards.harden);
  app.use(express.json({ limit: BODY_LIMIT_BYTES }));
  app.use('/mock-gateway', createPayRoutes({ desk, behaviour, heldAnswers, guards, log }));
  app.use('/mock-gateway', createControlRoutes({ seed, desk, behaviour, sender, guards }));
  app.use(sendNotFound);
  app.use(createErrorHandler(log));
  return { app, sender };
}
