import { z } from 'zod';
import { pingDatabase } from '../../shared/database.ts';
import type { ApiContext } from '../api-context.ts';
import { defineOperation } from '../operation.ts';
import { healthSchema } from '../schemas/answers.ts';

const PING_TIMEOUT_MS = 1000;
const liveSchema = z.object({ status: z.literal('ok') });

const okExample = { status: 'ok', database: 'ok', integrity: 'ok', version: '0.1.0', uptime_seconds: 60 };
const answers = {
  200: { description: 'All is well.', schema: healthSchema, example: okExample },
  503: {
    description: 'The database cannot be reached, or the ledger is not sound and writes are refused.',
    schema: healthSchema,
    example: {
      ...okExample,
      status: 'degraded',
      database: 'unreachable',
      reason: 'the database cannot be reached',
    },
  },
};

export function healthOperations({ pool, pulse, integrity, version, log }: ApiContext) {
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
    const violationCount = integrity.openCount();
    const reason = explain(database, violationCount);
    return {
      status: reason ? 503 : 200,
      body: {
        status: reason ? 'degraded' : 'ok',
        database,
        integrity: violationCount > 0 ? 'violated' : 'ok',
        ...(reason ? { reason } : {}),
        version,
        uptime_seconds: Math.round((Date.now() - startedAt) / 1000),
      },
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

function explain(database: string, violationCount: number): string | undefined {
  if (database !== 'ok') return 'the database cannot be reached';
  if (violationCount > 0)
    return `the ledger is not sound: violations stand (${violationCount}), and no money is moved; see /api/v1/integrity`;
  return undefined;
}
