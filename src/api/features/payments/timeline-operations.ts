import { z } from 'zod';
import { readTimeline } from '../../../payments/read/read-timeline.ts';
import { idText } from '../../describe/fields.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { attemptExample, paymentExample } from './payment-schemas.ts';
import { renderTimeline } from './render-timeline.ts';
import { timelineSchema } from './timeline-schemas.ts';

const params = z.object({ payment_id: idText.meta({ example: 1 }) });

export function timelineOperations({ lists }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: '/api/v1/payments/{payment_id}/timeline',
      id: 'getTimeline',
      tag: 'payments',
      summary: 'Read everything that happened to a payment, oldest first',
      description:
        'Holds, attempts, callbacks, inquiries, ledger transactions with their entries, dead letters, differences from what the gateway says, and what people did.',
      params,
      access: 'operator',
      answers: {
        200: {
          description: 'The timeline.',
          schema: timelineSchema,
          example: {
            payment_id: 1,
            currency: 'USD',
            gateway: 'default',
            inquiry: null,
            items: [
              { at: paymentExample.created_at, kind: 'accepted' },
              { at: attemptExample.started_at, kind: 'attempt', attempt: attemptExample },
              {
                at: paymentExample.updated_at,
                kind: 'ledger',
                transaction: {
                  transaction_id: 7,
                  step: 'settle',
                  entries: [
                    {
                      account: 'gateway',
                      account_id: 1,
                      amount: -200,
                      amount_minor: '-20000',
                    },
                    { account: 'fee', account_id: 2, amount: 4, amount_minor: '400' },
                    { account: 'wallet', account_id: 5, amount: 196, amount_minor: '19600' },
                  ],
                },
              },
            ],
          },
        },
      },
      problems: ['payment-not-found', 'validation-failed'],
      async handle({ params: { payment_id: paymentId } }) {
        const timeline = await readTimeline(lists, paymentId);
        if (!timeline)
          throw new Problem('payment-not-found', { detail: `There is no payment ${paymentId}.` });
        return { status: 200, body: renderTimeline(paymentId, timeline), paymentId };
      },
    }),
  ];
}
