import { z } from 'zod';
import { closeDifference } from '../../../reconciliation/close-difference.ts';
import { DIFFERENCE_KINDS, DIFFERENCE_SOURCES } from '../../../reconciliation/difference.ts';
import {
  DIFFERENCE_STATES,
  findDifference,
  listDifferences,
} from '../../../reconciliation/read-differences.sql.ts';
import { idText, nameField, textField } from '../../describe/fields.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import { differenceExample, differenceListSchema, differenceSchema } from './difference-schemas.ts';
import { renderDifference } from './render-difference.ts';

const PATH = '/api/v1/reconciliation/exceptions';
const LIST = 'differences';
const TAG = 'reconciliation';
const params = z.object({ id: idText.meta({ example: 1 }) });

export function differenceOperations({ knex, lists, pool, log }: ApiContext) {
  async function readDifference(id: bigint) {
    const difference = await findDifference(knex, id);
    if (!difference) throw new Problem('exception-not-found', { detail: `There is no exception ${id}.` });
    return difference;
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listExceptions',
      tag: TAG,
      summary: 'List exceptions, the differences between the gateway and us, newest first',
      description:
        'Tollgate applies none of them: a person finds out what really happened, acts, and closes the exception with a reason.',
      query: listQuery(LIST, {
        state: z.enum(DIFFERENCE_STATES).default('open'),
        kind: z.enum(DIFFERENCE_KINDS).optional(),
        source: z.enum(DIFFERENCE_SOURCES).optional(),
        payment_id: idText.optional(),
        report_id: idText.optional().meta({
          description: 'Only exceptions that this report found or found again.',
        }),
        ...createdFields,
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of exceptions.',
          schema: differenceListSchema,
          example: { items: [differenceExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listDifferences(lists, {
          state: query.state,
          kind: query.kind,
          source: query.source,
          paymentId: query.payment_id,
          reportId: query.report_id,
          ...toCreatedFilter(query),
          beforeId: query.cursor,
          limit: query.limit,
        });
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: renderDifference,
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{id}`,
      id: 'getException',
      tag: TAG,
      summary: 'Read an exception',
      params,
      access: 'operator',
      answers: {
        200: { description: 'The exception.', schema: differenceSchema, example: differenceExample },
      },
      problems: ['exception-not-found', 'validation-failed'],
      async handle({ params: { id } }) {
        return { status: 200, body: renderDifference(await readDifference(id)) };
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/close`,
      id: 'closeException',
      tag: TAG,
      summary: 'Close an exception that somebody has dealt with',
      description:
        'Closing changes no payment and no balance. If the same difference is seen again, the exception stays closed and the sighting is counted.',
      params,
      body: z.strictObject({ by: nameField({ most: 100 }), reason: textField({ most: 500 }) }),
      bodyExample: { by: 'ana', reason: 'the gateway reversed it; their ticket 4711' },
      access: 'operator',
      answers: {
        200: {
          description: 'The exception as it is now.',
          schema: differenceSchema,
          example: {
            ...differenceExample,
            closed_at: '2026-01-02T09:00:00.000Z',
            closed_by: 'ana',
            closed_reason: 'the gateway reversed it; their ticket 4711',
          },
        },
      },
      problems: ['malformed-request', 'exception-not-found', 'exception-closed', 'validation-failed'],
      async handle({ params: { id }, body }) {
        const closed = await closeDifference(pool, { id, ...body });
        if (closed)
          log.warn({
            event: 'reconciliation.exception_closed',
            exception_id: id.toString(),
            payment_id: closed.paymentId?.toString(),
            ...body,
          });
        const difference = await afterWriting(() => readDifference(id), { isWritten: closed !== undefined });
        if (!closed) {
          const detail = `Exception ${id} has already been closed by ${difference.closedBy}. Nothing was done.`;
          throw new Problem('exception-closed', { detail });
        }
        return { status: 200, body: renderDifference(difference) };
      },
    }),
  ];
}
