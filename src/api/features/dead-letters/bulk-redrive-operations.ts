import { z } from 'zod';
import { type BulkRedrive, MOST_NAMED_LETTERS } from '../../../dead-letters/bulk-redrive.ts';
import {
  countOpenLetters,
  findBulkRedrive,
  listBulkRedrives,
  MOST_COUNTED,
  resumeBulkRedrive,
  stopBulkRedrive,
} from '../../../dead-letters/bulk-redrives.sql.ts';
import {
  DEAD_LETTER_REASONS,
  type DeadLetterReason,
} from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { logBulkRedriveStarted, logBulkRedriveSteered } from '../../../dead-letters/log-operator-actions.ts';
import { startBulkRedrive } from '../../../dead-letters/start-bulk-redrive.ts';
import type { PaymentType } from '../../../payments/payment.ts';
import { idField, idText, nameField, textField } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { idOrNull } from '../../describe/render-id.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { readIdempotencyKey } from '../../server/idempotency-key.ts';
import { defineOperation } from '../../server/operation.ts';
import {
  bulkRedriveListSchema,
  bulkRedrivePreviewSchema,
  bulkRedriveSchema,
} from './bulk-redrive-schemas.ts';

const PATH = '/api/v1/bulk-redrives';
const LIST = 'bulk_redrives';
const TAG = 'dead letters';
/** In a sentence. */
const MOST_LISTED = 20;
const params = z.object({ id: idText.meta({ example: 1 }) });
const who = nameField({ most: 100 });

const example = {
  id: 1,
  state: 'running',
  filter: { reasons: ['attempts_exhausted'], type: null, user_id: null, letters: null },
  per_second: 20,
  total: 340,
  redriven: 118,
  refused: 2,
  withheld: 1,
  skipped: 0,
  failed: 0,
  by: 'ana',
  reason: 'the gateway is back',
  stopped_by: null,
  created_at: '2026-01-01T12:00:00.000Z',
  updated_at: '2026-01-01T12:00:06.000Z',
  finished_at: null,
};
const answers = {
  200: { description: 'The bulk redrive as it is now.', schema: bulkRedriveSchema, example },
};

export function bulkRedriveOperations({ config, knex, lists, pool, log, metrics }: ApiContext) {
  async function read(id: bigint) {
    const redrive = await findBulkRedrive(knex, id);
    if (!redrive) throw new Problem('bulk-redrive-not-found', { detail: `There is no bulk redrive ${id}.` });
    return render(redrive);
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
          example: { items: [example], next_cursor: null },
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
        return answerWithPage(page, { list: LIST, originalUrl: request.originalUrl, render });
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
      body: z.strictObject({
        letters: z
          .array(idField)
          .min(1, 'must not be empty')
          .max(MOST_NAMED_LETTERS, `must have at most ${MOST_NAMED_LETTERS} ids`)
          .superRefine(refuseDoubles)
          .meta({ override: { uniqueItems: true } })
          .optional(),
        reason_is: z
          .union([z.enum(DEAD_LETTER_REASONS), z.array(z.enum(DEAD_LETTER_REASONS)).min(1).max(4)], {
            error: `must be one of ${DEAD_LETTER_REASONS.join(', ')}, or a list of them`,
          })
          .optional()
          .meta({ description: 'Only dead letters with this reason, or with any of these.' }),
        type: paymentTypeSchema.optional(),
        user_id: idField.optional(),
        per_second: z
          .int('must be a whole number')
          .min(1, 'must be from 1 to 100')
          .max(100, 'must be from 1 to 100')
          .default(20),
        by: who,
        reason: textField({ most: 400 }),
      }),
      bodyExample: {
        reason_is: 'attempts_exhausted',
        per_second: 20,
        by: 'ana',
        reason: 'the gateway is back',
      },
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
          renderResponse: (redrive) => ({ status: 202, body: JSON.stringify(render(redrive)) }),
          onStarted: (redrive) => logBulkRedriveStarted(log, redrive),
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
      body: z.strictObject({ by: who }),
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
      body: z.strictObject({ by: who }),
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

interface Order {
  readonly letters?: readonly bigint[] | undefined;
  readonly reason_is?: DeadLetterReason | readonly DeadLetterReason[] | undefined;
  readonly type?: PaymentType | undefined;
  readonly user_id?: bigint | undefined;
  readonly per_second: number;
  readonly by: string;
  readonly reason: string;
}

function toOrder({ letters, reason_is, type, user_id: userId, per_second: perSecond, by, reason }: Order) {
  const reasons = reason_is === undefined ? undefined : [reason_is].flat();
  return { filter: { letterIds: letters, reasons, type, userId }, perSecond, by, reason };
}

function refuseDoubles(ids: readonly bigint[], context: z.RefinementCtx): void {
  const doubles = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  if (doubles.length > 0)
    context.addIssue({ code: 'custom', message: `must not name a dead letter twice: ${listSome(doubles)}` });
}

function lettersNotFound(ids: readonly bigint[]): Problem {
  const message = `must be ids of dead letters; none exist with ${listSome(ids)}`;
  return new Problem('validation-failed', {
    detail: `letters ${message}. Nothing was started.`,
    errors: [{ field: 'letters', message }],
  });
}

function listSome(ids: readonly bigint[]): string {
  const rest = ids.length - MOST_LISTED;
  return `${ids.slice(0, MOST_LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function ended({ id, state }: { readonly id: number; readonly state: string }): Problem {
  return new Problem('bulk-redrive-ended', { detail: `Bulk redrive ${id} is ${state}. Nothing was done.` });
}

function render(redrive: BulkRedrive) {
  const { filter } = redrive;
  return {
    id: Number(redrive.id),
    state: redrive.state,
    filter: {
      reasons: filter.reasons,
      type: filter.type,
      user_id: idOrNull(filter.userId),
      letters: filter.letterIds?.length ?? null,
    },
    per_second: redrive.perSecond,
    total: redrive.totalCount,
    redriven: redrive.redrivenCount,
    refused: redrive.refusedCount,
    withheld: redrive.withheldCount,
    skipped: redrive.skippedCount,
    failed: redrive.failedCount,
    by: redrive.requestedBy,
    reason: redrive.reason,
    stopped_by: redrive.stoppedBy,
    created_at: redrive.createdAt.toISOString(),
    updated_at: redrive.updatedAt.toISOString(),
    finished_at: redrive.finishedAt?.toISOString() ?? null,
  };
}
