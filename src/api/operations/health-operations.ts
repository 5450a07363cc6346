import { z } from 'zod';
import { pingDatabase } from '../../shared/database.ts';
import type { ApiContext } from '../api-context.ts';
import { defineOperation } from '../operation.ts';
import { healthSchema } from '../schemas/answers.ts';

const PING_TIMEOUT_MS = 1000;
const liveSchema = z.object({ status: z.literal('ok') });

const okExample = { status: 'ok', database: 'ok', version: '0.1.0', uptime_seconds: 60 };
const answers = {
  200: { description: 'All is well.', schema: healthSchema, example: okExample },
  503: {
    description: 'The database cannot be reached.',
    schema: healthSchema,
    example: { ...okExample, status: 'degraded', database: 'unreachable' },
  },
};

export function healthOperations({ pool, pulse, version, log }: ApiContext) {
  const startedAt = Date.now();

  async function readHealth() {
    // A database that hangs would keep a connection of the pool busy with each question.
    const ping = pulse.isHung()
      ? Promise.reject(new Error('the database hangs'))
      : pingDatabase(pool, PING_TIMEOUT_MS);
    const database = await ping.then(
      () => 'ok',
      (error: unknown) => {
        log.warn({ event: 'database.not_reachable', error });
        return 'unreachable';
      },
    );
    const isOk = database === 'ok';
    const uptime_seconds = Math.round((Date.now() - startedAt) / 1000);
    return {
      status: isOk ? 200 : 503,
      body: { status: isOk ? 'ok' : 'degraded', database, version, uptime_seconds },
    };
  }

  return [
    defineOperation({
      method: 'get',
      path: '/api/v1/health',
      id: 'health',
      tag: 'health',
      summary: 'Whether the API and its database are well',
      answers,
      problems: [],
      handle: readHealth,
    }),
    defineOperation({
      method: 'get',
      path: '/api/v1/health/live',
      id: 'healthLive',
      tag: 'health',
      summary: 'Whether the process runs',
      description: 'For liveness probes: it does not depend on the database.',
      answers: { 200: { description: 'It runs.', schema: liveSchema, example: { status: 'ok' } } },
      problems: [],
      handle: () => ({ status: 200, body: { status: 'ok' } }),
    }),
    defineOperation({
      method: 'get',
      path: '/api/v1/health/ready',
      id: 'healthReady',
      tag: 'health',
      summary: 'Whether requests can be served',
      answers,
      problems: [],
      handle: readHealth,
    }),
  ];
}
