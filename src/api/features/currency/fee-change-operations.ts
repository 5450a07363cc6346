import { z } from 'zod';
import { type EndFeeOutcome, endFee, type SetFeeOutcome, setFee } from '../../../fees/change-fees.ts';
import { USUAL_PAYERS } from '../../../fees/fee.ts';
import { toTerms } from '../../../fees/given-terms.ts';
import { findFeeChange, listFeeChanges } from '../../../fees/list-fee-changes.sql.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { describedTime, listQuery } from '../../describe/list-fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { actorOf } from '../../server/guards/principal.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { changedByFields, feeBody } from './fee-body.ts';
import { FEES_PATH } from './fee-operations.ts';
import { feeChangeExample, feeChangeListSchema, feeChangeSchema, feeKindSchema } from './fee-schemas.ts';
import { renderFeeChange } from './render-fee.ts';

const HISTORY_PATH = `${FEES_PATH}/history`;
const LIST = 'fee_changes';
const TAG = 'currency';

/** Who changed what is charged, and how operators change it. */
export function feeChangeOperations({ config, pool, knex, lists, log }: ApiContext) {
  async function answerChange(status: 200 | 201, changeId: bigint): Promise<Answer> {
    const change = await afterWriting(() => findFeeChange(knex, changeId));
    if (!change) throw new Error(`the change ${changeId} was written and is not there`);
    return { status, body: renderFeeChange(change) };
  }

  return [
    defineOperation({
      method: 'post',
      path: FEES_PATH,
      id: 'setFee',
      tag: TAG,
      summary: 'Set a fee, from now on or from a later moment on',
      description:
        'Adds a row to the schedule. It ends the row of the same kind and currency that is valid when it begins, and ends itself where one begins that is already set. Without `currency` it goes for every currency that has no row of its own, and has a percentage only. Payments that were accepted before keep their fee.',
      ...feeBody(config.payments.currency),
      bodyExample: {
        kind: 'withdrawal',
        currency: 'EUR',
        percent: '1.5',
        fixed: 0.3,
        least: 0.5,
        payer: 'recipient',
        by: 'ana',
        reason: 'the new contract with the bank',
      },
      access: 'operator',
      answers: {
        201: { description: 'The row was added.', schema: feeChangeSchema, example: feeChangeExample },
      },
      problems: ['malformed-request', 'validation-failed'],
      async handle({ body, principal }) {
        const { kind, currency = null, payer = USUAL_PAYERS[kind], valid_from: from, reason } = body;
        const by = body.by ?? actorOf(principal);
        const validFrom = from === undefined ? undefined : new Date(from);
        const terms = toTerms(body);
        const outcome = await setFee(pool, { kind, currency, payer, terms, validFrom, by, reason });
        if (outcome.kind !== 'set') throw refusedStart(outcome);
        log.warn({ event: 'fees.set', fee_id: outcome.fee.id.toString(), kind, currency, by, reason });
        return await answerChange(201, outcome.changeId);
      },
    }),

    defineOperation({
      method: 'post',
      path: `${FEES_PATH}/{id}/end`,
      id: 'endFee',
      tag: TAG,
      summary: 'End a fee, now or at a later moment',
      description:
        'From then on a less specific row goes, or the default. A row that has not begun is withdrawn unless `valid_to` is named, and the row that it was to end goes on.',
      params: z.object({ id: idText.meta({ example: 1 }) }),
      body: z.strictObject({
        valid_to: describedTime('When it ends; now if it is left out. Cut off behind the milliseconds.'),
        ...changedByFields,
      }),
      bodyExample: { by: 'ana', reason: 'the contract with the bank has ended' },
      access: 'operator',
      answers: {
        200: {
          description: 'Its end was set.',
          schema: feeChangeSchema,
          example: { ...feeChangeExample, action: 'end', before: feeChangeExample.after, after: null },
        },
      },
      problems: ['malformed-request', 'fee-not-found', 'fee-ended', 'validation-failed'],
      async handle({ params: { id }, body: { valid_to: to, reason, ...body }, principal }) {
        const by = body.by ?? actorOf(principal);
        const validTo = to === undefined ? undefined : new Date(to);
        const outcome = await endFee(pool, { id, validTo, by, reason });
        if (outcome.kind !== 'end' && outcome.kind !== 'withdraw') throw refusedEnd(outcome, id);
        const event = outcome.kind === 'end' ? 'fees.ended' : 'fees.withdrawn';
        log.warn({ event, fee_id: id.toString(), by, reason });
        return await answerChange(200, outcome.changeId);
      },
    }),

    defineOperation({
      method: 'get',
      path: HISTORY_PATH,
      id: 'listFeeChanges',
      tag: TAG,
      summary: 'List who changed the fees, when, why, and from what to what, newest first',
      query: listQuery(LIST, {
        kind: feeKindSchema.optional(),
        currency: namedCurrencyField(),
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of changes.',
          schema: feeChangeListSchema,
          example: { items: [feeChangeExample], next_cursor: null },
          headers: { Link: nextPageHeader(HISTORY_PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query: { kind, currency, cursor: beforeId, limit }, request }) {
        const page = await listFeeChanges(lists, { kind, currency, beforeId, limit });
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: renderFeeChange,
        });
      },
    }),
  ];
}

function refusedStart(outcome: Exclude<SetFeeOutcome, { kind: 'set' }>): Problem {
  if (outcome.kind === 'in_the_past') return wrongTime('valid_from', inThePast(outcome.now));
  return wrongTime(
    'valid_from',
    `is when fee ${outcome.fee.id} begins: end that first, or name another moment`,
  );
}

function refusedEnd(outcome: Exclude<EndFeeOutcome, { kind: 'end' | 'withdraw' }>, id: bigint): Problem {
  switch (outcome.kind) {
    case 'not_found':
      return new Problem('fee-not-found', { detail: `There is no fee ${id}. Nothing was done.` });
    case 'has_ended':
      return new Problem('fee-ended', {
        detail: `Fee ${id} ended on ${outcome.validTo.toISOString()}. Nothing was done.`,
      });
    case 'in_the_past':
      return wrongTime('valid_to', inThePast(outcome.now));
    case 'not_begun':
      return wrongTime('valid_to', `must be later than ${outcome.validFrom.toISOString()}, when it begins`);
    case 'ends_before':
      return wrongTime('valid_to', `must not be later than ${outcome.validTo.toISOString()}, when it ends`);
  }
}

function inThePast(now: Date): string {
  return `must not be in the past: it is ${now.toISOString()} by the database's clock`;
}

function wrongTime(field: string, message: string): Problem {
  return new Problem('validation-failed', {
    detail: `${field} ${message}. Nothing was done.`,
    errors: [{ field, message }],
  });
}
