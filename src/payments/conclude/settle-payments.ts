import type { Pool, Transaction } from '../../database/database.ts';
import { inTransaction, sentTogether } from '../../database/transactions/transaction.ts';
import { accountsByCurrency } from '../../ledger/system-accounts.ts';
import { lockFreeWallets } from '../../ledger/try-lock-wallets.sql.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import {
  closeAttempts,
  isAttemptClosed,
  lockFreeTasks,
  lockTasks,
  removeTasks,
  retryTasks,
} from '../../queue/finish-tasks.sql.ts';
import { type AttemptReport, type RunId, runKeyOf } from '../../queue/task.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { storableText } from '../../text/text.ts';
import type { AttemptDecision } from '../attempt/decide-after-attempt.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { type Failing, holdToEvidence } from '../evidence/fail-against-evidence.ts';
import { findSecondExecutions, type Succeeding } from '../evidence/find-second-executions.ts';
import { lockLinkedPayments } from '../evidence/read-evidence.sql.ts';
import { inquiryPauseMs } from '../unknown/inquiry-schedule.ts';
import { lockFreePayments } from './conclude-payments.sql.ts';
import { currenciesPosted, writeConclusions } from './conclude-payments.ts';
import type { Conclusion } from './conclusion.ts';

/** A run that ended, with its answers and the decision. */
export interface FinishedRun {
  readonly payment: ClaimedPayment;
  readonly report: AttemptReport;
  readonly decision: AttemptDecision;
}

export interface SettleOptions {
  /**
   * What to do about tasks, payments and wallets that another transaction has locked: `wait` for them, for at most `lockWaitMs`, or settle
   * the others and return these as `locked`.
   */
  readonly lockedRows?: 'wait' | 'skip';
  readonly lockWaitMs?: number | undefined;
  /** Called after COMMIT with differences between the gateway's answer and the payment that had not been reported before. */
  readonly onDifferences?: (differences: readonly Difference[]) => void;
}

/**
 * `stale`: the lease was lost before the result arrived, so the result was dropped. `unknown` for a run that decided to fail its payment:
 * there is evidence that the money moved. `locked`: nothing was written, because another transaction has locked the rows.
 */
export type SettlementResult = AttemptDecision['kind'] | 'stale' | 'locked';

/**
 * Settles a batch of finished runs in one transaction: ledger, balances, payment, attempt, dead letter, differences and the task's removal
 * (or next time) commit together. Every write is behind the fence: a run changes nothing if its task no longer carries its `runLease`. A
 * payment fails only if there is no evidence that its money moved (I15); otherwise it becomes unknown, and a difference is recorded for a
 * person. A redriven payment that succeeds although the money had already moved is settled, and reported as well. Locks are taken in the
 * order of test/locks/lock-order.ts. A crash before COMMIT leaves the tasks leased until their lease expires; the next run asks the gateway first.
 * @param onDifferences is called after COMMIT with differences that had not been reported before.
 * @returns a result for each run, in order.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown if that is not known. Settling the
 *   same runs again is safe either way: those that were settled are then stale.
 */
export async function settlePayments(
  pool: Pool,
  runs: readonly FinishedRun[],
  { onDifferences = () => {}, lockedRows = 'wait', lockWaitMs }: SettleOptions = {},
): Promise<SettlementResult[]> {
  failpoint('settle.before_begin');
  const work = async (transaction: Transaction) => {
    const locked = lockedRows === 'skip' ? await lockWhatIsFree(transaction, runs) : new Set<FinishedRun>();
    const tried = runs.filter((run) => !locked.has(run));
    const retries = tried.flatMap(({ payment, decision }) =>
      decision.kind === 'retry' ? [{ ...runIdOf(payment), ...decision, lastError: decision.error }] : [],
    );
    const conclusions = tried.flatMap((run) => concludeRun(run) ?? []);
    const isMixed = retries.length > 0 && conclusions.length > 0;
    const [, removed, retried, accountsOf] = await sentTogether([
      isMixed
        ? lockTasks(
            transaction,
            tried.map(({ payment }) => payment.task),
          )
        : Promise.resolve(),
      removeTasks(
        transaction,
        conclusions.map(({ payment }) => payment.run),
      ),
      retryTasks(transaction, retries),
      accountsByCurrency(transaction, currenciesPosted(conclusions)),
    ]);
    const held = new Set([...removed, ...retried]);
    const isHeld = ({ payment }: FinishedRun) => held.has(runKeyOf(payment.task));
    const current = tried.filter(isHeld);
    const failing = current.flatMap(failingOf);
    const redriven = current.flatMap(redrivenSuccessOf);
    const concluding = conclusions.filter(({ payment }) => held.has(runKeyOf(payment.run)));
    // Lock all payments at once and in order: reading the evidence of failing ones locks payments, too, and so do the conclusions below.
    // Leave out runs that have lost their task: their rows were not checked for locks, so we could end up waiting for them.
    if (failing.length > 0 || redriven.length > 0) {
      const concludedIds = concluding.map(({ payment }) => payment.paymentId);
      await lockLinkedPayments(transaction, concludedIds, 'chain');
    }
    let newDifferences: Difference[] = [];
    // Most batches have no failure in them and need no evidence.
    const { contradicted, differences } = await holdToEvidence(transaction, failing);
    for (const payment of redriven)
      differences.push(...(await findSecondExecutions(transaction, payment, 'attempt')));
    if (current.length > 0) {
      [, , newDifferences] = await sentTogether([
        writeConclusions(
          transaction,
          concluding.map((conclusion) => keepUnknown(conclusion, contradicted)),
          accountsOf,
        ),
        closeAttempts(
          transaction,
          current.map(({ payment, report }) => ({ ...runIdOf(payment), report })),
        ),
        recordDifferences(transaction, [
          ...differences,
          ...current.flatMap(({ decision }) => (decision.kind === 'disputed' ? decision.differences : [])),
        ]),
      ]);
    }
    if (retries.length > 0) failpoint('retry.before_commit');
    if (conclusions.length > 0) failpoint('settle.before_commit');
    const resultOf = (run: FinishedRun): SettlementResult => {
      if (locked.has(run)) return 'locked';
      if (!isHeld(run)) return 'stale';
      return contradicted.has(run.payment.paymentId) ? 'unknown' : run.decision.kind;
    };
    return {
      written: current[0],
      results: runs.map(resultOf),
      newDifferences,
    };
  };
  const { results, newDifferences } = await inTransaction(pool, work, {
    lockWaitMs,
    isWritten: async (queryable, { written }) =>
      !written || (await isAttemptClosed(queryable, runIdOf(written.payment), written.report.outcome)),
  });
  failpoint('settle.after_commit');
  if (newDifferences.length > 0) onDifferences(newDifferences);
  return results;
}

/**
 * Locks the rows of each run in order, without waiting, and returns the runs that could not get all of theirs. Linked payments are
 * included: their evidence is read under their locks, and waiting for them later could mean waiting for a lower id than those already
 * locked.
 */
async function lockWhatIsFree(
  transaction: Transaction,
  runs: readonly FinishedRun[],
): Promise<Set<FinishedRun>> {
  const tasks = await lockFreeTasks(
    transaction,
    runs.map(({ payment }) => payment.task),
  );
  const ours = runs.filter(({ payment }) => tasks.locked.has(runKeyOf(payment.task)));
  const [payments, wallets] = await sentTogether([
    lockFreePayments(
      transaction,
      ours.map(({ payment }) => payment.paymentId),
    ),
    lockFreeWallets(
      transaction,
      ours.flatMap((run) => (movesMoney(run) ? [run.payment.walletId] : [])),
    ),
  ]);
  const isFree = (run: FinishedRun) =>
    payments.has(run.payment.paymentId) && (!movesMoney(run) || wallets.has(run.payment.walletId));
  // If a run's task is neither locked nor busy, the run has lost it, which is no reason to wait.
  const isBusy = ({ payment }: FinishedRun) => tasks.busy.has(runKeyOf(payment.task));
  return new Set([...runs.filter(isBusy), ...ours.filter((run) => !isFree(run))]);
}

function movesMoney({ decision }: FinishedRun): boolean {
  return decision.kind === 'succeeded' || decision.kind === 'failed';
}

function runIdOf({ task }: ClaimedPayment): RunId {
  return { userId: task.userId, paymentId: task.paymentId, runLease: task.runLease };
}

function failingOf({ payment, report, decision }: FinishedRun): Failing[] {
  if (decision.kind !== 'failed') return [];
  const status = decision.reason === 'refused' ? 'refused' : wordOf(report);
  return [
    { payment: { ...payment, status: 'new', gatewayReference: null }, word: { status, source: 'attempt' } },
  ];
}

function redrivenSuccessOf({ payment, decision }: FinishedRun): Succeeding[] {
  if (decision.kind !== 'succeeded' || payment.redriveOf === null) return [];
  return [{ ...payment, gatewayReference: decision.gatewayReference }];
}

function wordOf({ inquiry }: AttemptReport): 'not_found' | 'not_executed' {
  return inquiry === 'not_found' ? 'not_found' : 'not_executed';
}

/** A payment that must not fail becomes unknown: its hold stays, and the gateway is asked again. */
function keepUnknown(conclusion: Conclusion, contradicted: ReadonlyMap<bigint, string>): Conclusion {
  const { payment, attempts } = conclusion;
  const evidence = contradicted.get(payment.paymentId);
  if (evidence === undefined || conclusion.status !== 'failed') return conclusion;
  return {
    payment,
    attempts,
    status: 'unknown',
    error: storableText(`${conclusion.error}, but: ${evidence}`, 500),
    deadLetter: 'outcome_unknown',
    firstInquiryMs: inquiryPauseMs(0),
  };
}

function concludeRun({
  payment,
  decision,
}: FinishedRun): (Conclusion & { readonly payment: { readonly run: RunId } }) | undefined {
  if (decision.kind === 'retry') return undefined;
  const common = {
    payment: { ...payment, run: runIdOf(payment) },
    attempts: payment.task.attempts + 1,
  };
  switch (decision.kind) {
    case 'succeeded':
      return {
        ...common,
        status: 'success',
        gatewayReference: decision.gatewayReference,
      };
    case 'failed':
      return {
        ...common,
        status: 'failed',
        error: decision.error,
        deadLetter: decision.reason,
      };
    case 'disputed':
    case 'unknown':
      return {
        ...common,
        status: 'unknown',
        error: decision.error,
        deadLetter: 'outcome_unknown',
        firstInquiryMs: inquiryPauseMs(0),
      };
  }
}
