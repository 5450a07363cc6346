import type { AttemptRow, LedgerStep, Violation, World } from '../world/world.ts';

/**
 * The database notes when a transaction began, and may be kept from looking at its rows for a moment. A stopped worker goes
 * on much later than this.
 */
const TOLERANCE_MS = 500;

/**
 * I4, the fence. The run that ends a payment is the last one that had begun by then. The attempt and the ledger step of an
 * ending are written in one transaction and carry its time, which tells whose ending it was.
 */
export function checkStaleRunsChangeNothing({ attempts, steps }: World): Violation[] {
  const attemptsOf = Map.groupBy(attempts, ({ paymentId }) => `payment:${paymentId}`);
  return steps
    .filter(({ step }) => step === 'settle' || step === 'void')
    .flatMap((step) => checkEnding(step, attemptsOf.get(step.reference) ?? []));
}

function checkEnding({ step, createdAt }: LedgerStep, attempts: readonly AttemptRow[]): Violation[] {
  const endedAt = createdAt.getTime();
  const ending = attempts.find(({ finishedAt }) => finishedAt?.getTime() === endedAt);
  if (!ending) return [];
  const newer = attempts.find(
    ({ runLease, startedAt }) => runLease > ending.runLease && startedAt.getTime() < endedAt - TOLERANCE_MS,
  );
  if (!newer) return [];
  const { paymentId, runLease } = ending;
  return [
    {
      invariant: 'I4',
      paymentId,
      detail: `run ${runLease} of payment ${paymentId} wrote its ${step} ${endedAt - newer.startedAt.getTime()} ms after run ${newer.runLease} had begun`,
    },
  ];
}
