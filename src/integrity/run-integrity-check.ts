import type { Pool, Transaction } from '../database/database.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { foldSystemAccounts } from '../ledger/fold-system-accounts.ts';
import {
  boundStatements,
  halveSteps,
  lockCheckpoint,
  recordRun,
  summarizeNewEntries,
} from './checkpoint.sql.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkSystemAccounts, checkTouchedWallets, reviewWallets } from './checks/check-balances.ts';
import { reviewConversions } from './checks/check-conversions.ts';
import { reviewHolds } from './checks/check-holds.ts';
import { checkNewKeys, reviewKeys } from './checks/check-keys.ts';
import { checkNewEntries } from './checks/check-new-entries.ts';
import { reviewOrderHolds } from './checks/check-order-holds.ts';
import { checkNewPayments, reviewPayments, reviewTasks } from './checks/check-payments.ts';
import { reviewTransfers } from './checks/check-transfers.ts';
import { recheckGroup } from './recheck-group.ts';
import { recheckViolation } from './recheck-violation.ts';
import { endViolations, recordViolations } from './record-violations.ts';
import { reviewEntries } from './review-entries.ts';
import { reviewHistory } from './review-history.ts';
import type { Part, StepResult } from './step.ts';
import type { RecordedViolation } from './violations.sql.ts';
import { selectStanding } from './violations.sql.ts';

export interface IntegrityCheckOptions {
  /** The time limit of the run; a step that has begun is finished, or ended by its statement timeout. */
  readonly runMs: number;
  /** The most rows that one step reads, and the most wallets that it compares. */
  readonly stepRows: number;
  /** How many old rows each part of the rolling review reads again in one run. */
  readonly reviewRows: number;
  /** How long it may take until a payment or key becomes visible after it got its id. */
  readonly graceMs?: number;
}

/**
 * `busy`: another process is running the check, and this run left the rest to it. `late`: the time limit ended before all new rows were
 * read.
 */
export const RUN_RESULTS = ['done', 'late', 'busy'] as const;
export type RunResult = (typeof RUN_RESULTS)[number];

export interface IntegrityRun {
  readonly kind: RunResult;
  readonly rowCount: number;
  readonly durationMs: number;
  /** New violations, and those that have grown, each once. */
  readonly found: readonly RecordedViolation[];
  /** Violations that no longer hold, according to this run. */
  readonly endedIds: readonly bigint[];
}

const GRACE_MS = 30_000;
/** The statement timeout; after a timeout, steps over entries become smaller. */
const STATEMENT_MS = 5000;
/** The share of a run for new rows. The rolling review gets the rest, and always at least one step of each part. */
const SHARE_FOR_NEW = 0.9;
const SHARE_FOR_RECHECKS = 0.3;
const MAX_RECHECKED = 100;
const ROLLING: readonly Part[] = [
  reviewWallets,
  reviewTasks,
  reviewHolds,
  reviewOrderHolds,
  reviewConversions,
  reviewTransfers,
  reviewPayments,
  reviewKeys,
  reviewHistory,
  reviewEntries,
];

/**
 * One increment of the integrity check: reads what is new since the last one, compares the affected balances, continues the rolling review
 * of the whole past, and rechecks existing violations. Each step is a short transaction that commits its position together with its
 * findings, so a crash costs only the current step. Any number of processes may call this at any time; they take turns, step by step.
 * @throws a database error, or any other error that stopped the check; it is recorded in the checkpoint.
 */
export async function runIntegrityCheck(pool: Pool, options: IntegrityCheckOptions): Promise<IntegrityRun> {
  const startedAt = performance.now();
  const run = createRun(pool, options);
  const elapsedMs = () => performance.now() - startedAt;
  try {
    await summarizeNewEntries(pool).catch(() => {});
    await run.recheckStanding(() => elapsedMs() < options.runMs * SHARE_FOR_RECHECKS);
    const isCaughtUp = await run.checkWhatIsNew(() => elapsedMs() < options.runMs * SHARE_FOR_NEW);
    await run.reviewThePast(() => isCaughtUp && elapsedMs() < options.runMs);
    await recordRun(pool, { durationMs: elapsedMs(), rowCount: run.rowCount(), error: null });
    return {
      kind: isCaughtUp ? 'done' : 'late',
      rowCount: run.rowCount(),
      durationMs: elapsedMs(),
      found: run.found(),
      endedIds: run.endedIds,
    };
  } catch (error) {
    const { kind } = classifyDatabaseError(error);
    if (kind === 'lock_timeout')
      return {
        kind: 'busy',
        rowCount: run.rowCount(),
        durationMs: elapsedMs(),
        found: run.found(),
        endedIds: run.endedIds,
      };
    const text = error instanceof Error ? error.message : String(error);
    await recordRun(pool, { durationMs: elapsedMs(), rowCount: run.rowCount(), error: text }).catch(() => {});
    if (kind === 'timeout' || kind === 'too_much') await halveSteps(pool).catch(() => {});
    throw error;
  }
}

function createRun(pool: Pool, options: IntegrityCheckOptions) {
  const { stepRows, reviewRows, graceMs = GRACE_MS } = options;
  const found = new Map<bigint, RecordedViolation>();
  const endedIds: bigint[] = [];
  let rowCount = 0;
  /** Report a group that grows from step to step only once, in its final state. */
  const note = (recorded: readonly RecordedViolation[]): void => {
    for (const violation of recorded) found.set(violation.id, violation);
  };

  function inStep<Result>(
    work: (transaction: Transaction, checkpoint: Checkpoint) => Promise<Result>,
  ): Promise<Result> {
    return inTransaction(pool, async (transaction) => {
      await boundStatements(transaction, STATEMENT_MS);
      return await work(transaction, await lockCheckpoint(transaction));
    });
  }

  async function takeStep(part: Part): Promise<StepResult> {
    const { result, recorded } = await inStep(async (transaction, checkpoint) => {
      const result = await part({ transaction, checkpoint, rowLimit: stepRows, graceMs });
      return { result, recorded: await recordViolations(transaction, result.violations) };
    });
    rowCount += result.rowCount;
    note(recorded);
    return result;
  }

  /** Continues until the part has nothing more to do; false if the time limit ended first. */
  async function takeSteps(part: Part, hasTime: () => boolean): Promise<boolean> {
    for (;;) {
      if ((await takeStep(part)).isDone) return true;
      if (!hasTime()) return false;
    }
  }

  return {
    found: () => [...found.values()].filter(({ id }) => !endedIds.includes(id)),
    endedIds,
    rowCount: () => rowCount,

    async recheckStanding(hasTime: () => boolean): Promise<void> {
      for (const standing of await selectStanding(pool, { isGroup: false, limit: MAX_RECHECKED })) {
        if (!hasTime()) return;
        await inStep(async (transaction, checkpoint) => {
          const now = await recheckViolation(transaction, standing, checkpoint);
          if (now === 'unchecked') return;
          if (now) {
            note(await recordViolations(transaction, [now]));
          } else {
            await endViolations(transaction, [standing.id]);
            endedIds.push(standing.id);
          }
        });
      }
      for (const group of await selectStanding(pool, { isGroup: true, limit: MAX_RECHECKED })) {
        let isThrough = false;
        while (!isThrough && hasTime()) {
          const rechecked = await inStep((transaction, checkpoint) =>
            recheckGroup(transaction, group, checkpoint),
          );
          note(rechecked.found);
          if (rechecked.isWhole) endedIds.push(group.id);
          isThrough = rechecked.isThrough || rechecked.isWhole;
        }
      }
    },

    async checkWhatIsNew(hasTime: () => boolean): Promise<boolean> {
      // Each round reads what was written in the meantime, so that little is left above the watermark when balances are compared.
      for (;;) {
        if (!(await takeSteps(checkNewEntries, hasTime))) return false;
        if ((await takeStep(checkTouchedWallets)).isDone) break;
        if (!hasTime()) return false;
      }
      // Then the fold's watermark and ours are close together.
      await foldSystemAccounts(pool);
      await takeStep(checkNewEntries);
      await takeStep(checkSystemAccounts);
      return (await takeSteps(checkNewPayments, hasTime)) && (await takeSteps(checkNewKeys, hasTime));
    },

    async reviewThePast(hasTime: () => boolean): Promise<void> {
      // Start with a different part each time: when time is short, the last ones get only a single step.
      const first = Math.floor(Math.random() * ROLLING.length);
      for (const part of [...ROLLING.slice(first), ...ROLLING.slice(0, first)]) {
        const rowsBefore = rowCount;
        await takeSteps(part, () => hasTime() && rowCount - rowsBefore < reviewRows);
      }
    },
  };
}
