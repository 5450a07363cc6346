import type { AttemptRow, Violation, World } from '../world/world.ts';

/**
 * The database records when a transaction began, and it may be a moment before the transaction reads its rows. A stopped worker
 * goes on much later than that.
 */
const TOLERANCE_MS = 500;

/**
 * I4, the fence. The run that ends a payment is the last one that had begun by then. The attempt and the ledger step of a
 * success, or the last change of a payment that failed, are written in one transaction and carry its time, which tells whose
 * ending it was.
 */
export function checkStaleRunsChangeNothing({ attempts, payments, steps }: World): Violation[] {
  const attemptsOf = Map.groupBy(attempts, ({ paymentId }) => `payment:${paymentId}`);
  const endings = [
    ...steps
      .filter(({ step }) => step === 'settle')
      .map(({ reference, createdAt }): Ending => ({ reference, what: 'settlement', at: createdAt })),
    ...payments
      .filter(({ status }) => status === 'failed')
      .map(({ id, updatedAt }): Ending => ({ reference: `payment:${id}`, what: 'failure', at: updatedAt })),
  ];
  return endings.flatMap((ending) => checkEnding(ending, attemptsOf.get(ending.reference) ?? []));
}

interface Ending {
  readonly reference: string;
  readonly what: 'settlement' | 'failure';
  readonly at: Date;
}

function checkEnding({ what, at }: Ending, attempts: readonly AttemptRow[]): Violation[] {
  const endedAt = at.getTime();
  // What a stale run had to tell is kept by a transaction of its own. After a hang of the database it may begin in the same
  // millisecond as the one that ends the payment, so that one such run that is not stale is enough.
  const ending = attempts
    .filter(({ finishedAt }) => finishedAt?.getTime() === endedAt)
    .toSorted((a, b) => Number(b.runLease - a.runLease))[0];
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
      detail: `run ${runLease} of payment ${paymentId} wrote its ${what} ${endedAt - newer.startedAt.getTime()} ms after run ${newer.runLease} had begun`,
    },
  ];
}
