import type { Pool, Transaction } from '../database/database.ts';
import type { Checkpoint, Positions } from './checkpoint.ts';

/**
 * Locks the checkpoint for this transaction, after waiting for another check's step.
 * @throws a lock timeout if that step takes too long.
 */
export async function lockCheckpoint(transaction: Transaction): Promise<Checkpoint> {
  const { rows } = await transaction.query<Checkpoint>(`
    select checked_below as "checkedBelow", transaction_step as "transactionStep", positions
    from integrity_checkpoint
    for update`);
  return rows[0] as Checkpoint;
}

/**
 * Bounds every statement of this transaction. Each step finds its rows by an index; the planner must not choose a full table scan because
 * of wrong estimates.
 */
export async function boundStatements(transaction: Transaction, timeoutMs: number): Promise<void> {
  await transaction.query(
    `set local statement_timeout = ${timeoutMs}; set local lock_timeout = ${timeoutMs / 2}; set local enable_seqscan = off`,
  );
}

/** @param caughtUpAt the time, if everything that had ended was below the new watermark; null if more is waiting. */
export async function moveWatermark(
  transaction: Transaction,
  {
    checkedBelow,
    transactionStep,
    caughtUpAt,
  }: {
    readonly checkedBelow: bigint;
    readonly transactionStep: bigint;
    readonly caughtUpAt: Date | null;
  },
): Promise<void> {
  await transaction.query(
    `update integrity_checkpoint
     set checked_below = $1, transaction_step = $2, caught_up_at = coalesce($3, caught_up_at)`,
    [checkedBelow, transactionStep, caughtUpAt],
  );
}

export async function savePosition<Part extends keyof Positions>(
  transaction: Transaction,
  part: Part,
  position: NonNullable<Positions[Part]>,
): Promise<void> {
  await transaction.query(
    'update integrity_checkpoint set positions = positions || jsonb_build_object($1::text, $2::jsonb)',
    [part, JSON.stringify(position)],
  );
}

/** Makes the steps over entries smaller, after a step that took too long. */
export async function halveSteps(pool: Pool): Promise<void> {
  await pool.query('update integrity_checkpoint set transaction_step = greatest(1, transaction_step / 2)');
}

/** Records how a run ended; an error leaves the time of the last success unchanged. */
export async function recordRun(
  pool: Pool,
  run: { readonly durationMs: number; readonly rowCount: number; readonly error: string | null },
): Promise<void> {
  await pool.query(
    `update integrity_checkpoint
     set last_run_at = now(), last_duration_ms = $1, last_row_count = $2, last_error = $3,
         last_success_at = case when $3::text is null then now() else last_success_at end`,
    [Math.round(run.durationMs), run.rowCount, run.error],
  );
}

/**
 * Updates the block range index to the newest entries. Autovacuum does this once a minute at best, and until then every search for recent
 * entries reads all of them. Only the table's owner may do this; otherwise checks are just slower.
 */
export async function summarizeNewEntries(pool: Pool): Promise<void> {
  await pool.query(`select brin_summarize_new_values('ledger_entries_recent')`);
}
