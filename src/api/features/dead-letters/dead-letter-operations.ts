import { z } from 'zod';
import { discardDeadLetter } from '../../../dead-letters/discard-dead-letter.ts';
import { DEAD_LETTER_REASONS } from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { LETTER_STATES, listDeadLetters } from '../../../dead-letters/list-dead-letters.sql.ts';
import { logDiscarded, logRedriven } from '../../../dead-letters/log-operator-actions.ts';
import { findDeadLetter } from '../../../dead-letters/read-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../../dead-letters/redrive-dead-letter.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { idText, nameField, overrideField, textField } from '../../describe/fields.ts';
import {
  amountFields,
  createdFields,
  listQuery,
  toAmountFilter,
  toCreatedFilter,
} from '../../describe/list-fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { evidenceProblem } from '../../problems/evidence-problem.ts';
import { Problem } from '../../problems/problem.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { actorOf } from '../../server/guards/principal.ts';
import { defineOperation } from '../../server/operation.ts';
import { deadLetterExample, deadLetterListSchema, deadLetterSchema } from './dead-letter-schemas.ts';
import { renderDeadLetter } from './render-dead-letter.ts';

const PATH = '/api/v1/dlq';
const LIST = 'dead_letters';

const params = z.object({ id: idText.meta({ example: 1 }) });
const who = nameField({ most: 100 });
const why = textField({ most: 500 });

const answers = {
  200: { description: 'The dead letter as it is now.', schema: deadLetterSchema, example: deadLetterExample },
};

export function deadLetterOperations({ config, knex, lists, pool, log, onTaskReady }: ApiContext) {
  const currency = config.payments.currency;

  async function readLetter(id: bigint) {
    const letter = await findDeadLetter(knex, id);
    if (!letter) throw notFound(id);
    return { status: 200, body: renderDeadLetter(letter), paymentId: letter.paymentId };
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listDeadLetters',
      tag: 'dead letters',
      summary: 'List dead letters, newest first',
      description:
        'A filter examines a limited number of dead letters for each page: a page may hold fewer than `limit`, even none, and still have a next page.',
      query: listQuery(LIST, {
        state: z.enum(LETTER_STATES).default('all'),
        reason: z.enum(DEAD_LETTER_REASONS).optional(),
        type: paymentTypeSchema.optional(),
        user_id: idText.optional(),
        ...createdFields,
        ...amountFields(currency),
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of dead letters.',
          schema: deadLetterListSchema,
          example: { items: [deadLetterExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listDeadLetters(lists, {
          state: query.state,
          reasons: query.reason && [query.reason],
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
          render: renderDeadLetter,
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{id}`,
      id: 'getDeadLetter',
      tag: 'dead letters',
      summary: 'Read a dead letter',
      params,
      access: 'operator',
      answers,
      problems: ['dead-letter-not-found', 'validation-failed'],
      handle: ({ params: { id } }) => readLetter(id),
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/redrive`,
      id: 'redriveDeadLetter',
      tag: 'dead letters',
      summary: 'Redrive a dead letter',
      description:
        'A failed payment stays failed: the redrive makes a new payment of the same amounts, and `redriven_payment_id` names it. A payment whose outcome is unknown goes back to the queue itself; the worker asks the gateway about it before it sends anything. If there is evidence that the money moved, nothing is done (409 `evidence-contradicts`) unless you send `override_evidence`.',
      params,
      body: z
        .strictObject({ by: who.optional(), reason: why.optional(), override_evidence: overrideField })
        .superRefine(({ by, reason, override_evidence }, context) => {
          if (!override_evidence) return;
          for (const [field, value] of Object.entries({ by, reason }))
            if (value === undefined)
              context.addIssue({
                code: 'custom',
                path: [field],
                message: 'is required to override evidence',
              });
        }),
      bodyExample: { by: 'ana', reason: 'the gateway is back' },
      movesMoney: true,
      access: 'operator',
      answers,
      problems: [
        'malformed-request',
        'dead-letter-not-found',
        'dead-letter-handled',
        'evidence-contradicts',
        'redrive-not-funded',
        'refund-exceeds-deposit',
        'wallet-frozen',
        'wallet-closed',
        'validation-failed',
      ],
      async recall({ params: { id } }) {
        const letter = await findDeadLetter(knex, id);
        if (letter?.action) throw alreadyHandled(id, letter.action);
      },
      async handle({ params: { id }, body, principal }) {
        const by = body.by ?? actorOf(principal);
        const outcome = await redriveDeadLetter(pool, {
          id,
          by,
          reason: body.reason ?? null,
          mayOverrideEvidence: body.override_evidence,
        });
        switch (outcome.kind) {
          case 'not_found':
            throw notFound(id);
          case 'already_handled':
            throw alreadyHandled(id, outcome.action);
          case 'evidence':
            throw evidenceProblem(outcome.evidence);
          case 'insufficient_funds': {
            const { currency } = outcome;
            const needed = formatAmount(outcome.neededMinor, currency);
            const available = formatAmount(outcome.availableMinor, currency);
            throw new Problem('redrive-not-funded', {
              detail: `The payment needs ${needed} ${currency} with its fee, and ${available} ${currency} is available. Nothing was done.`,
              extensions: {
                ...renderAmounts(
                  { needed: outcome.neededMinor, available: outcome.availableMinor },
                  currency,
                ),
                currency,
              },
            });
          }
          case 'wallet_frozen':
          case 'wallet_closed':
            throw walletStateProblem(outcome, 'id');
          case 'refund_exceeds_deposit': {
            const { depositId, leftMinor, currency } = outcome;
            throw new Problem('refund-exceeds-deposit', {
              detail: `Other refunds have left only ${formatAmount(leftMinor, currency)} ${currency} of deposit ${depositId}. Nothing was done.`,
              extensions: {
                ...renderAmounts({ left: leftMinor }, currency),
                currency,
                payment_id: Number(depositId),
              },
            });
          }
          case 'redriven':
            logRedriven(log, { ...outcome, id, by, reason: body.reason ?? null });
            onTaskReady();
            return await afterWriting(() => readLetter(id));
        }
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/discard`,
      id: 'discardDeadLetter',
      tag: 'dead letters',
      summary: 'Close a dead letter for good',
      params,
      body: z.strictObject({ by: who.optional(), reason: why }),
      bodyExample: { by: 'ana', reason: 'the customer was paid by hand' },
      access: 'operator',
      answers,
      problems: [
        'malformed-request',
        'dead-letter-not-found',
        'dead-letter-handled',
        'outcome-unknown',
        'validation-failed',
      ],
      async handle({ params: { id }, body, principal }) {
        const by = body.by ?? actorOf(principal);
        const outcome = await discardDeadLetter(pool, { id, by, reason: body.reason });
        switch (outcome.kind) {
          case 'not_found':
            throw notFound(id);
          case 'already_handled':
            throw alreadyHandled(id, outcome.action);
          case 'outcome_unknown':
            throw new Problem('outcome-unknown');
          case 'discarded':
            logDiscarded(log, { id, paymentId: outcome.paymentId, by, reason: body.reason });
            return await afterWriting(() => readLetter(id));
        }
      },
    }),
  ];
}

function alreadyHandled(id: bigint, action: string): Problem {
  return new Problem('dead-letter-handled', { detail: `Dead letter ${id} has already been ${action}.` });
}

function notFound(id: bigint): Problem {
  return new Problem('dead-letter-not-found', { detail: `There is no dead letter ${id}.` });
}
