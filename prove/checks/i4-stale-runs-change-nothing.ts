import type { AttemptRow, Violation, World } from '../world/world.ts';

/**
 * The database notes when a transaction began, and may be kept from looking at its rows for a moment. A stopped worker goes
 * on much later than this.
 */
const TOLERANCE_MS = 500;

/**
 * I4, the fence. A run ends before the next one of its payment begins. One that lost its lease was closed when the task was
 * taken over; had it written anything afterwards, it would have ended later than its successor began.
 */
export function checkStaleRunsChangeNothing({ attempts }: World): Violation[] {
  return [...Map.groupBy(attempts, ({ paymentId }) => paymentId).values()].flatMap((own) => {
    const runs = own.toSorted((a, b) => (a.runLease < b.runLease ? -1 : 1));
    return runs.flatMap((run, index) => compareWithNext(run, runs[index + 1]));
  });
}

function compareWithNext(run: AttemptRow, next: AttemptRow | undefined): Violation[] {
  if (!next || !run.finishedAt) return [];
  const overlapMs = run.finishedAt.getTime() - next.startedAt.getTime();
  if (overlapMs <= TOLERANCE_MS) return [];
  return [
    {
      invariant: 'I4',
      paymentId: run.paymentId,
      detail: `run ${run.runLease} of payment ${run.paymentId} wrote its end ${overlapMs} ms after run ${next.runLease} had begun`,
    },
  ];
}
