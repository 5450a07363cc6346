import type { Queryable } from '../database/database.ts';
import type { Positions } from './checkpoint.ts';

/** The checkpoint, and the server's current position. */
export interface IntegrityState {
  readonly checkedBelow: bigint;
  readonly nextTransactionId: bigint;
  readonly caughtUpAt: Date | null;
  readonly positions: Positions;
  readonly lastRunAt: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly lastDurationMs: number | null;
  readonly lastRowCount: bigint | null;
  readonly lastError: string | null;
  readonly now: Date;
}

export async function selectIntegrityState(queryable: Queryable): Promise<IntegrityState> {
  const { rows } = await queryable.query<IntegrityState>({
    name: 'integrity-select-state',
    text: `
      select checked_below as "checkedBelow",
             pg_snapshot_xmax(pg_current_snapshot())::text::bigint + (select xid_offset from ledger_clock)
               as "nextTransactionId",
             caught_up_at as "caughtUpAt", positions, last_run_at as "lastRunAt", last_success_at as "lastSuccessAt",
             last_duration_ms as "lastDurationMs", last_row_count as "lastRowCount", last_error as "lastError", now() as now
      from integrity_checkpoint`,
  });
  return rows[0] as IntegrityState;
}
