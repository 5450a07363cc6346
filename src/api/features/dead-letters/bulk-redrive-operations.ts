import { z } from 'zod';
import {
  countOpenLetters,
  findBulkRedrive,
  listBulkRedrives,
  MOST_COUNTED,
  resumeBulkRedrive,
  stopBulkRedrive,
} from '../../../dead-letters/bulk-redrives.sql.ts';
import { DEAD_LETTER_REASONS } from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { logBulkRedriveStarted, logBulkRedriveSteered } from '../../../dead-letters/log-operator-actions.ts';
import { startBulkRedrive } from '../../../dead-letters/start-bulk-redrive.ts';
import { idText } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { readIdempotencyKey } from '../../server/idempotency-key.ts';
import { defineOperation } from '../../server/operation.ts';
import {
  bulkRedriveOrderExample,
  bulkRedriveOrderSchema,
  lettersNotFound,
  toOrder,
  whoSchema,
} from './bulk-redrive-order.ts';
import {
  bulkRedriveListSchema,
  bulkRedrivePreviewSchema,
  bulkRedriveSchema,
} from './bulk-redrive-schemas.ts';
import { bulkRedriveExample, renderBulkRedrive } from './render-bulk-redrive.ts';

const PATH = '/api/v1/bulk-redrives';
const LIST = 'bulk_redrives';
const TAG = 'dead letters';
const params = z.object({ id: idText.meta({ example: 1 }) });

const answers = {
  200: {
    description: 'The bulk redrive as it is now.',
    schema: bulkRedriveSchema,
    example: bulkRedriveExample,
  },
};

export function bulkRedriveOperations({ config, knex, lists, pool, log, metrics, integrity }: ApiContext) {
  async function read(id: bigint) {
    const redrive = await findBulkRedrive(knex, id);
    if (!redrive) throw new Problem('bulk-redrive-not-found', { detail: `There is no bulk redrive ${id}.` });
    return renderBulkRedrive(redrive);
  }

  return [
    defineOperation({
      method: 'get',
      path: `${PATH}/preview`,
      id: 'previewBulkRedrive',
      tag: TAG,
      summary: 'Count the open dead letters that a bulk redrive would take',
      query: z.strictObject({
        reason: z.enum(DEAD_LETTER_REASONS).optional(),
        type: paymentTypeSchema.optional(),
        user_id: idText.optional(),
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'The count.',
          schema: bulkRedrivePreviewSchema,
          example: { count: 340, is_capped: false },
        },
      },
      problems: ['validation-failed'],
      async handle({ query: { reason, type, user_id: userId } }) {
        const count = await countOpenLetters(lists, { reasons: reason && [reason], type, userId });
        return { status: 200, body: { count, is_capped: count === MOST_COUNTED } };
      },
    }),

    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listBulkRedrives',
      tag: TAG,
      summary: 'List bulk redrives, newest first',
      query: listQuery(LIST, { state: bulkRedriveSchema.shape.state.optional(), ...createdFields }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of bulk redrives.',
          schema: bulkRedriveListSchema,
          example: { items: [bulkRedriveExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listBulkRedrives(lists, {
          state: query.state,
          ...toCreatedFilter(query),
          beforeId: query.cursor,
          limit: query.limit,
        });
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: renderBulkRedrive,
        });
      },
    }),

    defineOperation({
      method: 'post',
      path: PATH,
      id: 'startBulkRedrive',
      tag: TAG,
      summary: 'Redrive many dead letters, at a limited rate',
      description:
        'Redrives the dead letters that `letters` names, or all open ones that match. A worker redrives them one by one at the given rate, just as a person would; a crash or a stop loses nothing. A payment that becomes a dead letter again is not redriven again. Dead letters with evidence that the money moved are left to a person and counted as `withheld`.',
      access: 'operator',
      movesMoney: true,
      body: bulkRedriveOrderSchema,
      bodyExample: bulkRedriveOrderExample,
      takesIdempotencyKey: true,
      answers: {
        202: {
          ...answers[200],
          description: 'The bulk redrive was accepted.',
          headers: { Location: { ...LOCATION, example: `${PATH}/1` }, 'Idempotency-Replayed': REPLAYED },
        },
      },
      problems: ['malformed-request', 'validation-failed', ...IDEMPOTENCY_PROBLEMS],
      async handle({ body, request }) {
        const outcome = await startBulkRedrive(pool, toOrder(body), {
          key: readIdempotencyKey(request, { isRequired: false }),
          responseTtlMs: config.idempotency.responseTtlMs,
          renderResponse: (redrive) => ({ status: 202, body: JSON.stringify(renderBulkRedrive(redrive)) }),
          onStarted: (redrive) => logBulkRedriveStarted(log, redrive),
          refuse() {
            if (integrity.openCount() > 0) throw new Problem('integrity-violated');
          },
        });
        if (outcome.kind === 'letters_not_found') throw lettersNotFound(outcome.letterIds);
        return outcome.kind === 'executed'
          ? answerMade(outcome.written)
          : answerUsedKey(outcome, { metrics });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{id}`,
      id: 'getBulkRedrive',
      tag: TAG,
      summary: 'Read the progress of a bulk redrive',
      params,
      access: 'operator',
      answers,
      problems: ['bulk-redrive-not-found', 'validation-failed'],
      async handle({ params: { id } }) {
        return { status: 200, body: await read(id) };
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/stop`,
      id: 'stopBulkRedrive',
      tag: TAG,
      summary: 'Stop a bulk redrive within a second',
      description: 'Dead letters that were already redriven stay redriven.',
      params,
      access: 'operator',
      body: z.strictObject({ by: whoSchema }),
      bodyExample: { by: 'ana' },
      answers,
      problems: ['malformed-request', 'bulk-redrive-not-found', 'bulk-redrive-ended', 'validation-failed'],
      async handle({ params: { id }, body }) {
        const isStopped = await stopBulkRedrive(pool, { id, ...body });
        if (isStopped) logBulkRedriveSteered(log, { id, ...body, action: 'stopped' });
        const redrive = await afterWriting(() => read(id), { isWritten: isStopped });
        if (!isStopped) throw ended(redrive);
        return { status: 200, body: redrive };
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/resume`,
      id: 'resumeBulkRedrive',
      tag: TAG,
      summary: 'Resume a stopped bulk redrive where it stopped',
      params,
      access: 'operator',
      movesMoney: true,
      body: z.strictObject({ by: whoSchema }),
      bodyExample: { by: 'ana' },
      answers,
      problems: ['malformed-request', 'bulk-redrive-not-found', 'bulk-redrive-ended', 'validation-failed'],
      async handle({ params: { id }, body }) {
        const isResumed = await resumeBulkRedrive(pool, { id });
        if (isResumed) logBulkRedriveSteered(log, { id, ...body, action: 'resumed' });
        const redrive = await afterWriting(() => read(id), { isWritten: isResumed });
        if (!isResumed) throw ended(redrive);
        return { status: 200, body: redrive };
      },
    }),
  ];
}

function ended({ id, state }: { readonly id: number; readonly state: string }): Problem {
  return new Problem('bulk-redrive-ended', { detail: `Bulk redrive ${id} is ${state}. Nothing was done.` });
}
