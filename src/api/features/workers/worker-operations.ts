import { z } from 'zod';
import { findClaimPause, pauseClaiming, resumeClaiming } from '../../../fleet/claim-pauses.sql.ts';
import { listWorkers, type SeenWorker } from '../../../fleet/workers.sql.ts';
import { nameField, textField } from '../../describe/fields.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { workersSchema } from './worker-schemas.ts';

const PATH = '/api/v1/workers';
const TAG = 'workers';

const answers = {
  200: {
    description: 'The workers, those that are alive first.',
    schema: workersSchema,
    example: {
      pause: null,
      items: [
        {
          id: 'host-7-mabc',
          host: 'host',
          process_id: 7,
          version: '0.1.0',
          started_at: '2026-01-01T12:00:00.000Z',
          heartbeat_at: '2026-01-01T12:10:00.000Z',
          alive: true,
          state: { waiting: 0, calling: 1, held: 1, concurrency: 64, gateway: { breaker: 'closed' } },
          running: 1,
          tasks: [{ payment_id: 1, attempts: 0, lease_expires_at: '2026-01-01T12:10:29.000Z' }],
        },
      ],
    },
  },
};

export function workerOperations({ knex, lists, pool, log }: ApiContext) {
  async function readWorkers() {
    const [pause, workers] = await Promise.all([findClaimPause(knex), listWorkers(lists)]);
    return {
      status: 200,
      body: {
        pause: pause ? { at: pause.pausedAt.toISOString(), by: pause.pausedBy, reason: pause.reason } : null,
        items: workers.map(renderWorker),
      },
    };
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listWorkers',
      tag: TAG,
      summary: 'List the workers, what they are doing, and whether claiming is paused',
      access: 'operator',
      answers,
      problems: [],
      handle: readWorkers,
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/pause`,
      id: 'pauseClaiming',
      tag: TAG,
      summary: 'Stop claiming in every worker',
      description:
        'Workers notice within seconds. Calls in progress are settled, tasks that wait go back to the queue, and payments are accepted as before. If claiming is already paused, that pause stays as it is.',
      access: 'operator',
      body: z.strictObject({ by: nameField({ most: 100 }), reason: textField({ most: 500 }) }),
      bodyExample: { by: 'ana', reason: 'the gateway asked us to wait; their ticket 4711' },
      answers,
      problems: ['malformed-request', 'validation-failed'],
      async handle({ body }) {
        if (await pauseClaiming(pool, body)) log.warn({ event: 'claiming.paused', ...body });
        return await afterWriting(readWorkers);
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/resume`,
      id: 'resumeClaiming',
      tag: TAG,
      summary: 'Let the workers claim again',
      access: 'operator',
      body: z.strictObject({ by: nameField({ most: 100 }) }),
      bodyExample: { by: 'ana' },
      answers,
      problems: ['malformed-request', 'validation-failed'],
      async handle({ body }) {
        if (await resumeClaiming(pool, body)) log.warn({ event: 'claiming.resumed', ...body });
        return await afterWriting(readWorkers);
      },
    }),
  ];
}

function renderWorker(worker: SeenWorker) {
  return {
    id: worker.id,
    host: worker.host,
    process_id: worker.processId,
    version: worker.version,
    started_at: worker.startedAt.toISOString(),
    heartbeat_at: worker.heartbeatAt.toISOString(),
    alive: worker.isAlive,
    state: worker.state,
    running: worker.runningCount,
    tasks: worker.tasks,
  };
}
