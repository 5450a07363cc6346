import { z } from 'zod';
import { readIntegrity } from '../../../integrity/read-integrity.ts';
import { type IntegrityRun, runIntegrityCheck } from '../../../integrity/run-integrity-check.ts';
import { summarizeFound } from '../../../integrity/summarize-found.ts';
import { INVARIANTS, rulesOf } from '../../../integrity/violation.ts';
import { acknowledgeViolation, findViolation, listViolations } from '../../../integrity/violations.sql.ts';
import { idText, nameField, textField } from '../../describe/fields.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import {
  integrityRunSchema,
  integritySchema,
  violationListSchema,
  violationSchema,
} from './integrity-schemas.ts';
import { renderIntegrity, renderIntegrityRun, renderViolation } from './render-integrity.ts';

const PATH = '/api/v1/integrity';
const LIST = 'violations';
/** A run must end before the request that waits for it times out. */
const SHARE_OF_REQUEST = 0.3;

const integrityExample = {
  status: 'ok',
  reason: null,
  violations: 0,
  checked_up_to: '2026-01-01T12:00:00.000Z',
  lag_seconds: 21.5,
  checked_below: 48_210,
  lag_transactions: 930,
  last_run_at: '2026-01-01T12:00:00.210Z',
  last_success_at: '2026-01-01T12:00:00.210Z',
  last_duration_ms: 210,
  last_rows_checked: 12_400,
  invariants: [
    {
      invariant: 'I1',
      says: 'the entries of each ledger transaction sum to zero',
      violations: 0,
      checked_up_to: '2026-01-01T12:00:00.000Z',
      reviewed_at: '2026-01-01T11:59:00.000Z',
    },
  ],
};
const violationExample = {
  id: 1,
  invariant: 'I2',
  rule: 'balance_equals_entries',
  subject: 'account:7',
  subject_count: 1,
  samples: [],
  detail: 'stored 50001 posted, entries say 50000',
  found_at: '2026-01-01T12:00:00.000Z',
  last_seen_at: '2026-01-01T12:05:00.000Z',
  acknowledged_at: null,
  acknowledged_by: null,
  acknowledged_reason: null,
  resolved_at: null,
};
const violationAnswers = {
  200: { description: 'The violation as it is now.', schema: violationSchema, example: violationExample },
};
const params = z.object({ id: idText.meta({ example: 1 }) });

export function integrityOperations({ config, pool, knex, lists, integrity, log }: ApiContext) {
  const staleAfterMs = config.integrity.staleAfterMs;

  let underWay: Promise<IntegrityRun> | undefined;
  /**
   * One run at a time in this process: a request that arrives during a run shares its result, so that it takes no connection from payments.
   */
  function check(): Promise<IntegrityRun> {
    underWay ??= runCheck().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function runCheck(): Promise<IntegrityRun> {
    const run = await runIntegrityCheck(pool, {
      runMs: Math.min(config.integrity.runMs, config.api.requestTimeoutMs * SHARE_OF_REQUEST),
      stepRows: config.integrity.stepRows,
      reviewRows: config.integrity.reviewRows,
    });
    for (const line of summarizeFound(run.found)) log.error({ event: 'integrity.violated', ...line });
    return run;
  }

  async function readViolation(id: bigint) {
    const violation = await findViolation(knex, id);
    if (!violation) throw new Problem('violation-not-found', { detail: `There is no violation ${id}.` });
    return { status: 200, body: renderViolation(violation) };
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'readIntegrity',
      tag: 'integrity',
      summary: 'Read the state of the ledger as of the last check',
      description: 'Returns the stored result. A worker runs the check itself every minute.',
      access: 'anyone',
      answers: { 200: { description: 'The state.', schema: integritySchema, example: integrityExample } },
      problems: [],
      async handle() {
        return { status: 200, body: renderIntegrity(await readIntegrity(pool, { staleAfterMs })) };
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/checks`,
      id: 'checkIntegrity',
      tag: 'integrity',
      summary: 'Run one increment of the check now',
      description: 'One increment is bounded in time and rows; a large backlog needs several.',
      access: 'operator',
      answers: {
        200: {
          description: 'What the run did, and the state afterwards.',
          schema: integrityRunSchema,
          example: {
            result: 'done',
            rows_checked: 1200,
            duration_ms: 85,
            found: 0,
            whole_again: 0,
            integrity: integrityExample,
          },
        },
      },
      problems: [],
      async handle() {
        return { status: 200, body: renderIntegrityRun(await check(), await integrity.look()) };
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/violations`,
      id: 'listViolations',
      tag: 'integrity',
      summary: 'List violations, newest first',
      description: "A violation's time is when it was found.",
      query: listQuery(LIST, {
        state: z
          .enum(['open', 'all'], 'must be open or all')
          .default('open')
          .meta({ description: 'open: violations that still hold and that nobody has acknowledged.' }),
        invariant: z.enum(INVARIANTS).optional(),
        ...createdFields,
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of violations.',
          schema: violationListSchema,
          example: { items: [violationExample], next_cursor: null },
          headers: { Link: nextPageHeader(`${PATH}/violations`, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const { state, invariant } = query;
        const page = await listViolations(lists, {
          state,
          rules: invariant && rulesOf(invariant),
          ...toCreatedFilter(query),
          beforeId: query.cursor,
          limit: query.limit,
        });
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: renderViolation,
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/violations/{id}`,
      id: 'getViolation',
      tag: 'integrity',
      summary: 'Read a violation',
      params,
      access: 'operator',
      answers: violationAnswers,
      problems: ['violation-not-found', 'validation-failed'],
      handle: ({ params: { id } }) => readViolation(id),
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/violations/{id}/acknowledge`,
      id: 'acknowledgeViolation',
      tag: 'integrity',
      summary: 'Acknowledge a violation, with a name and a reason',
      description:
        'Money moves again once no other violation is open. The violation is raised again only if it changes; for a violation with many subjects, subjects that are added or change later are raised as another violation. Acknowledging repairs nothing.',
      params,
      body: z.strictObject({ by: nameField({ most: 100 }), reason: textField({ most: 500 }) }),
      bodyExample: { by: 'ana', reason: 'a row put back from the backup differs by its fee, see ticket 7' },
      access: 'operator',
      answers: violationAnswers,
      problems: ['malformed-request', 'violation-not-found', 'violation-closed', 'validation-failed'],
      async handle({ params: { id }, body }) {
        const isAcknowledged = await acknowledgeViolation(pool, { id, ...body });
        if (isAcknowledged)
          log.warn({ event: 'integrity.acknowledged', violation_id: id.toString(), ...body });
        const answer = await afterWriting(() => readViolation(id), { isWritten: isAcknowledged });
        if (!isAcknowledged)
          throw new Problem('violation-closed', { detail: `Violation ${id} is not open.` });
        await afterWriting(() => integrity.look());
        return answer;
      },
    }),
  ];
}
