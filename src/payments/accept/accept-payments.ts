import type { CommandKind } from '../../commands/command-kind.ts';
import { createExecutor, type ExecutorOptions } from '../../commands/create-executor.ts';
import { kindOf } from '../kinds/payment-kinds.ts';
import type { AcceptanceResult, Acceptor, PaymentRequest, RenderResponse } from './acceptance.ts';
import { type AcceptanceTerms, decideAcceptance, type RequestFacts } from './decide-acceptance.ts';
import { readRequestFacts } from './read-request-facts.sql.ts';
import { isPaymentWritten, type NewPayment } from './write-payments.sql.ts';
import { writePayments } from './write-payments.ts';

export interface AcceptOptions extends AcceptanceTerms {
  readonly responseTtlMs: number;
  readonly renderResponse: RenderResponse;
}

/**
 * Accepts payment requests: payments, tasks, holds, keys and stored answers commit together. A crash before COMMIT leaves nothing. A crash
 * after it leaves payments that workers carry out, and a client that repeats its request with its key gets the stored answer.
 */
export function createAcceptor(options: AcceptOptions & ExecutorOptions): Acceptor {
  return createExecutor(acceptance(options), options);
}

/** The command kind of a payment request. */
export function acceptance({
  responseTtlMs,
  ...terms
}: AcceptOptions): CommandKind<PaymentRequest, RequestFacts, NewPayment, AcceptanceResult> {
  return {
    failpoints: {
      beforeRead: 'accept.before_read',
      afterRead: 'accept.after_read',
      beforeCommit: 'accept.before_commit',
      afterCommit: 'accept.after_commit',
    },
    keyOf: ({ userId, idempotency }) => idempotency && { ...idempotency, scope: userId },
    // A deposit locks no wallet: many of them may come in at once, beside withdrawals. It goes by the state that is read.
    fundsOf: ({ type, userId, currency, wallet }) =>
      kindOf(type).needsFunds ? { userId, currency, name: wallet?.name ?? '' } : null,
    prepare: async () => undefined,
    read: (transaction, requests) => readRequestFacts(transaction, requests, { responseTtlMs }),
    decide: (request, read, neighbours) => decideAcceptance(request, read, { ...terms, ...neighbours }),
    write: writePayments,
    isWritten: isPaymentWritten,
  };
}
