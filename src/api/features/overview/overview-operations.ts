import { countHeldRates } from '../../../conversions/rates/exchange-rates.sql.ts';
import { readOldestOverdueSeconds } from '../../../order-holds/sample-order-holds.sql.ts';
import { type RecentPayments, readRecentPayments } from '../../../payments/read/read-overview.sql.ts';
import { type QueueCounts, selectQueueSample } from '../../../queue/sample-queue.sql.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { overviewSchema } from './overview-schemas.ts';

/** Counts stop here: beyond this the exact depth of a queue does not matter, and counting is expensive. */
const COUNT_LIMIT = 10_000;
/** However many consoles are open, one API queries the database at most once in this time. */
const SHARED_MS = 1000;

export function overviewOperations({ pool, config, integrity }: ApiContext) {
  const { ratesSource: source } = config.conversions;
  let shared: { readonly untilMs: number; readonly body: Promise<object> } | undefined;

  async function read(): Promise<object> {
    const [recent, queue, heldRateCount, overdueSeconds] = await Promise.all([
      readRecentPayments(pool),
      selectQueueSample(pool, COUNT_LIMIT),
      source === 'none' ? 0 : countHeldRates(pool, source),
      readOldestOverdueSeconds(pool),
    ]);
    return render(recent, queue, { violationCount: integrity.openCount(), heldRateCount, overdueSeconds });
  }

  function readShared(): Promise<object> {
    if (!shared || performance.now() > shared.untilMs)
      shared = { untilMs: performance.now() + SHARED_MS, body: read() };
    return shared.body;
  }

  return [
    defineOperation({
      method: 'get',
      path: '/api/v1/overview',
      id: 'readOverview',
      tag: 'overview',
      summary: 'Read what the service is doing now',
      description: 'Cheap enough to poll every two seconds.',
      access: 'operator',
      answers: {
        200: {
          description: 'The overview.',
          schema: overviewSchema,
          example: {
            at: '2026-01-01T12:00:00.000Z',
            accepted_total: 120_000,
            ended_total: 119_990,
            newest: {
              count: 1000,
              success: 970,
              failed: 12,
              unknown: 8,
              open: 10,
              p50_seconds: 0.08,
              p95_seconds: 0.9,
              p99_seconds: 2.4,
            },
            queue: { ready: 4, scheduled: 5, running: 1, oldest_ready_seconds: 0.1, waiting_callbacks: 0 },
            attention: {
              dead_letters: { refused: 2 },
              unknown: 8,
              oldest_unknown_seconds: 61.5,
              need_review: 0,
              open_exceptions: 0,
              violations: 0,
              held_rates: 0,
              oldest_overdue_hold_seconds: 0,
            },
            workers: { alive: 2, paused: false, breakers: { closed: 2 }, further_breakers: {} },
            count_limit: COUNT_LIMIT,
          },
        },
      },
      problems: [],
      async handle() {
        return { status: 200, body: await readShared() };
      },
    }),
  ];
}

function render(
  recent: RecentPayments,
  queue: QueueCounts,
  {
    violationCount,
    heldRateCount,
    overdueSeconds,
  }: { readonly violationCount: number; readonly heldRateCount: number; readonly overdueSeconds: number },
) {
  const { p50Seconds, p95Seconds, p99Seconds, ...counts } = recent.newest;
  return {
    at: recent.at.toISOString(),
    accepted_total: recent.acceptedTotal,
    ended_total: recent.endedTotal,
    newest: { ...counts, p50_seconds: p50Seconds, p95_seconds: p95Seconds, p99_seconds: p99Seconds },
    queue: {
      ready: queue.readyCount,
      scheduled: queue.scheduledCount,
      running: queue.runningCount,
      oldest_ready_seconds: queue.oldestReadyAgeSeconds,
      waiting_callbacks: queue.waitingCallbackCount,
    },
    attention: {
      dead_letters: queue.deadLetterCounts,
      unknown: queue.unknownCount,
      oldest_unknown_seconds: queue.oldestUnknownAgeSeconds,
      need_review: queue.needsReviewCount,
      open_exceptions: queue.openDifferenceCount,
      violations: violationCount,
      held_rates: heldRateCount,
      oldest_overdue_hold_seconds: overdueSeconds,
    },
    workers: {
      alive: recent.aliveWorkerCount,
      paused: recent.isPaused,
      breakers: recent.breakers,
      further_breakers: recent.furtherBreakers,
    },
    count_limit: COUNT_LIMIT,
  };
}
