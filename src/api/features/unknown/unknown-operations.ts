import { z } from 'zod';
import { logResolved } from '../../../dead-letters/log-operator-actions.ts';
import { findPayment } from '../../../payments/read/read-payments.sql.ts';
import { listUnknownPayments, UNKNOWN_STATES } from '../../../payments/read/read-unknown-payments.sql.ts';
import { RESOLUTION_OUTCOMES } from '../../../payments/unknown/resolution-outcome.ts';
import { findResolution } from '../../../payments/unknown/resolve-payment.sql.ts';
import { type ResolveOutcome, resolvePayment } from '../../../payments/unknown/resolve-payment.ts';
import { idText, nameField, overrideField, textField } from '../../describe/fields.ts';
import {
  amountFields,
  createdFields,
  listQuery,
  toAmountFilter,
  toCreatedFilter,
} from '../../describe/list-fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { evidenceProblem } from '../../problems/evidence-problem.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import { paymentExample, paymentSchema } from '../payments/payment-schemas.ts';
import { renderPayment } from '../payments/render-payment.ts';
import { renderUnknownPayment } from './render-unknown.ts';
import { unknownPaymentExample, unknownPaymentListSchema } from './unknown-schemas.ts';

const PATH = '/api/v1/unknown-payments';
const LIST = 'unknown_payments';
const TAG = 'unknown payments';
const params = z.object({ payment_id: idText.meta({ example: 1 }) });

export function unknownOperations({ config, knex, lists, pool, log, metrics }: ApiContext) {
  const currency = config.payments.currency;
  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listUnknownPayments',
      tag: TAG,
      summary: 'List payments whose outcome is unknown, newest first',
      description:
        "Shows the evidence for each outcome. `asking`: the gateway still has time to answer. `needs_review`: it has not answered for so long that a person must find out. A payment's time is when its outcome became unknown.",
      query: listQuery(LIST, {
        state: z.enum(UNKNOWN_STATES).optional(),
        type: paymentTypeSchema.optional(),
        user_id: idText.optional(),
        ...createdFields,
        ...amountFields(currency),
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of payments.',
          schema: unknownPaymentListSchema,
          example: { items: [unknownPaymentExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listUnknownPayments(lists, {
          state: query.state,
          type: query.type,
          userId: query.user_id,
          ...toCreatedFilter(query),
          ...toAmountFilter(query, currency),
          beforeId: query.cursor,
          limit: query.limit,
        });
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: renderUnknownPayment,
        });
      },
    }),

    defineOperation({
      method: 'post',
      path: '/api/v1/payments/{payment_id}/resolve',
      id: 'resolvePayment',
      tag: TAG,
      summary: 'Resolve a payment whose outcome is unknown',
      description:
        'For a person who has found out what happened. `executed` settles the payment; `not_executed` fails it and releases its hold. Both are final. Who decided, why and on what evidence is kept forever. If there is evidence that the money moved, `not_executed` needs `override_evidence`.',
      params,
      body: z.strictObject({
        outcome: z.enum(RESOLUTION_OUTCOMES),
        by: nameField({ most: 100 }).meta({ description: 'Who made the decision.' }),
        reason: textField({ most: 500 }),
        evidence: textField({ most: 2000 }).meta({
          description: 'What the decision is based on: a line of a statement, a ticket at the gateway.',
        }),
        gateway_reference: textField({ most: 255 }).optional(),
        override_evidence: overrideField,
      }),
      bodyExample: {
        outcome: 'executed',
        by: 'ana',
        reason: 'the gateway confirmed it on the phone',
        evidence: 'their ticket 4711; line 12 of the statement of 1 January',
        gateway_reference: 'gw-1',
      },
      movesMoney: true,
      access: 'operator',
      answers: {
        200: { description: 'The payment as it is now.', schema: paymentSchema, example: paymentExample },
      },
      problems: [
        'malformed-request',
        'payment-not-found',
        'payment-resolved',
        'payment-not-unknown',
        'evidence-contradicts',
        'validation-failed',
      ],
      async recall({ params: { payment_id: paymentId } }) {
        const earlier = await findResolution(pool, paymentId);
        if (earlier) throw problemOf({ kind: 'already_resolved', ...earlier }, paymentId);
      },
      async handle({ params: { payment_id: paymentId }, body }) {
        const { outcome, by, reason, evidence, gateway_reference: gatewayReference = null } = body;
        const result = await resolvePayment(pool, {
          paymentId,
          outcome,
          by,
          reason,
          evidence,
          gatewayReference,
          mayOverrideEvidence: body.override_evidence,
        });
        if (result.kind !== 'resolved') throw problemOf(result, paymentId);
        if (outcome === 'executed') metrics.outcomes.settled(result.payment);
        else metrics.outcomes.failed(result.payment.type, 'attempts_exhausted');
        logResolved(log, { paymentId, outcome, by, reason, overridden: result.overridden });
        const payment = await afterWriting(() => findPayment(knex, paymentId));
        if (!payment) throw problemOf({ kind: 'not_found' }, paymentId);
        return { status: 200, body: renderPayment(payment), paymentId };
      },
    }),
  ];
}

function problemOf(outcome: Exclude<ResolveOutcome, { kind: 'resolved' }>, paymentId: bigint): Problem {
  switch (outcome.kind) {
    case 'not_found':
      return new Problem('payment-not-found', { detail: `There is no payment ${paymentId}.` });
    case 'already_resolved': {
      const detail = `Payment ${paymentId} has already been resolved as ${outcome.outcome} by ${outcome.by}. Nothing was done.`;
      return new Problem('payment-resolved', { detail });
    }
    case 'not_unknown': {
      const state =
        outcome.status === 'new'
          ? 'is in the queue, and a worker will ask the gateway about it first'
          : `has the status ${outcome.status}, which is final`;
      return new Problem('payment-not-unknown', {
        detail: `Payment ${paymentId} ${state}. Nothing was done.`,
      });
    }
    case 'evidence':
      return evidenceProblem(outcome.evidence);
  }
}
