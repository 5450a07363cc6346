import { z } from 'zod';
import { nameAbsence, readDatabaseState } from '../../../database/database-state.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { healthSchema } from './health-schemas.ts';

const PING_TIMEOUT_MS = 1000;
const liveSchema = z.object({ status: z.literal('ok') });

const okExample = {
  status: 'ok',
  database: 'ok',
  integrity: 'ok',
  money_moves: true,
  standing_violations: 0,
  version: '0.1.0',
  uptime_seconds: 60,
};
const answers = {
  200: {
    description:
      'It can serve requests. While an integrity violation is open it is `degraded`: it serves reads and operators, but no money moves.',
    schema: healthSchema,
    example: okExample,
  },
  503: {
    description: 'The database cannot be reached, so no request can be served.',
    schema: healthSchema,
    example: {
      ...okExample,
      status: 'degraded',
      database: 'unreachable',
      money_moves: false,
      reason: 'the database cannot be reached',
    },
  },
};

export function healthOperations({ pool, pulse, integrity, version, log }: ApiContext) {
  const startedAt = Date.now();

  async function readHealth() {
    // While the database hangs, every query would block another connection of the pool.
    const state = pulse.isHung()
      ? Promise.reject(new Error('the database hangs'))
      : readDatabaseState(pool, PING_TIMEOUT_MS);
    const database = await state.catch((error: unknown) => {
      log.warn({ event: 'database.not_reachable', error });
      return nameAbsence(error);
    });
    if (database === 'read_only') log.warn({ event: 'database.read_only' });
    const violationCount = integrity.openCount();
    const canServe = database === 'ok';
    const reason = explain(database, violationCount);
    return {
      // A violation needs a person, and the person needs the console, so it must not take this process out of rotation.
      status: canServe ? 200 : 503,
      body: {
        status: reason ? 'degraded' : 'ok',
        database,
        integrity: violationCount > 0 ? 'violated' : 'ok',
        money_moves: canServe && violationCount === 0,
        standing_violations: violationCount,
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
      ignoresAccept: true,
      passesOverQuery: true,
      summary: 'Check the health of the API and its database',
      access: 'anyone',
      answers,
      problems: [],
      handle: readHealth,
    }),
    defineOperation({
      method: 'get',
      path: '/api/v1/health/live',
      id: 'healthLive',
      tag: 'health',
      ignoresAccept: true,
      isAnsweredUnderAnyLoad: true,
      passesOverQuery: true,
      summary: 'Check that the process is running',
      description: 'For liveness probes. It does not depend on the database.',
      access: 'anyone',
      answers: { 200: { description: 'It is running.', schema: liveSchema, example: { status: 'ok' } } },
      problems: [],
      handle: () => ({ status: 200, body: { status: 'ok' } }),
    }),
    defineOperation({
      method: 'get',
      path: '/api/v1/health/ready',
      id: 'healthReady',
      tag: 'health',
      ignoresAccept: true,
      passesOverQuery: true,
      summary: 'Check that requests can be served',
      access: 'anyone',
      answers,
      problems: [],
      handle: readHealth,
    }),
  ];
}

function explain(database: string, violationCount: number): string | undefined {
  if (database === 'read_only')
    return 'the database is read-only, because it is a standby or is fenced for a switchover; nothing can be written';
  if (database === 'other_server')
    return 'the database address leads to a copy on another server, or to a database that is not ours: nothing is read or written until the address leads back, or until `npx tollgate rebase` has put the copy in use';
  if (database !== 'ok') return 'the database cannot be reached';
  if (violationCount > 0)
    return `the ledger is not sound: integrity violations are open (${violationCount}), so no money moves; see /api/v1/integrity`;
  return undefined;
}
