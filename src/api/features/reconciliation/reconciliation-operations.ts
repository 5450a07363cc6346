import { z } from 'zod';
import { postToSuspense } from '../../../reconciliation/post-to-suspense.ts';
import { findDifference } from '../../../reconciliation/read-differences.sql.ts';
import { findReport, listReports } from '../../../reconciliation/reports.sql.ts';
import { idText, nameField, textField } from '../../describe/fields.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import { differenceExample, differenceSchema } from './difference-schemas.ts';
import { reportListSchema, reportSchema } from './reconciliation-schemas.ts';
import { renderDifference } from './render-difference.ts';
import { renderReport } from './render-report.ts';

const TAG = 'reconciliation';
const REPORTS_PATH = '/api/v1/reconciliation/reports';
const LIST = 'reports';
const params = z.object({ id: idText.meta({ example: 1 }) });

const reportExample = {
  id: 1,
  gateway: 'default',
  status: 'differences',
  started_by: 'schedule',
  started_at: '2026-01-01T02:30:00.000Z',
  cut_off_at: '2026-01-01T02:29:00.000Z',
  finished_at: '2026-01-01T02:30:12.000Z',
  error: null,
  matched: 1200,
  in_transit: 3,
  differences: { missing_here: { found: 1, open: 1 } },
  totals: [
    {
      currency: 'USD',
      ours_minor: '4000000',
      theirs_minor: '4020000',
      in_transit_minor: '0',
      differences_minor: '20000',
      clearing_minor: '-4000000',
    },
  ],
};

export function reconciliationOperations({ knex, lists, pool, log }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: REPORTS_PATH,
      id: 'listReports',
      tag: TAG,
      summary: "List the reports of comparisons with the gateway's book, newest first",
      description:
        "A worker makes a report every night; `npm run reconcile` makes one now. A report's time is when it began. `GET /api/v1/reconciliation/exceptions?report_id=` lists what a report found.",
      query: listQuery(LIST, { status: reportSchema.shape.status.optional(), ...createdFields }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of reports.',
          schema: reportListSchema,
          example: { items: [reportExample], next_cursor: null },
          headers: { Link: nextPageHeader(REPORTS_PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listReports(lists, {
          status: query.status,
          ...toCreatedFilter(query),
          beforeId: query.cursor,
          limit: query.limit,
        });
        return answerWithPage(page, { list: LIST, originalUrl: request.originalUrl, render: renderReport });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${REPORTS_PATH}/{id}`,
      id: 'getReport',
      tag: TAG,
      summary: 'Read a report',
      params,
      access: 'operator',
      answers: { 200: { description: 'The report.', schema: reportSchema, example: reportExample } },
      problems: ['report-not-found', 'validation-failed'],
      async handle({ params: { id } }) {
        const report = await findReport(knex, id);
        if (!report) throw new Problem('report-not-found', { detail: `There is no report ${id}.` });
        return { status: 200, body: renderReport(report) };
      },
    }),

    defineOperation({
      method: 'post',
      path: '/api/v1/reconciliation/exceptions/{id}/post-to-suspense',
      id: 'postExceptionToSuspense',
      tag: TAG,
      summary: 'Post an exception to the suspense account and close it',
      description:
        "Posts the difference between what the gateway moved and what our books say from the clearing account to suspense, once. The clearing account then agrees with the gateway's book; no wallet changes.",
      params,
      body: z.strictObject({ by: nameField({ most: 100 }), reason: textField({ most: 400 }) }),
      bodyExample: { by: 'ana', reason: 'their deposit of 200 belongs to another merchant; ticket 4711' },
      movesMoney: true,
      access: 'operator',
      answers: {
        200: {
          description: 'The exception as it is now.',
          schema: differenceSchema,
          example: {
            ...differenceExample,
            closed_at: '2026-01-02T09:00:00.000Z',
            closed_by: 'ana',
            closed_reason:
              'posted to suspense: their deposit of 200 belongs to another merchant; ticket 4711',
          },
        },
      },
      problems: [
        'malformed-request',
        'exception-not-found',
        'exception-closed',
        'exception-not-postable',
        'validation-failed',
      ],
      async recall({ params: { id } }) {
        const difference = await findDifference(knex, id);
        if (typeof difference?.closedBy === 'string') throw alreadyClosed(id, difference.closedBy);
      },
      async handle({ params: { id }, body }) {
        const outcome = await postToSuspense(pool, { id, ...body });
        switch (outcome.kind) {
          case 'not_found':
            throw new Problem('exception-not-found', { detail: `There is no exception ${id}.` });
          case 'closed':
            throw alreadyClosed(id, outcome.by);
          case 'refused':
            throw new Problem('exception-not-postable', {
              detail: `Exception ${id} cannot be posted: ${outcome.reason}. Nothing was done.`,
            });
          case 'posted': {
            const deltas = Object.fromEntries([...outcome.deltas].map(([code, minor]) => [code, `${minor}`]));
            log.warn({
              event: 'reconciliation.posted_to_suspense',
              exception_id: id.toString(),
              deltas_minor: deltas,
              ...body,
            });
            const difference = await afterWriting(() => findDifference(knex, id));
            if (!difference) throw new Problem('exception-not-found');
            return { status: 200, body: renderDifference(difference) };
          }
        }
      },
    }),
  ];
}

function alreadyClosed(id: bigint, by: string): Problem {
  return new Problem('exception-closed', {
    detail: `Exception ${id} has already been closed by ${by}. Nothing was done.`,
  });
}
