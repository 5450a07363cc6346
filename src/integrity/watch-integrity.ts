import { repeat } from '../background/repeat.ts';
import type { Queryable } from '../database/database.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { IntegrityReport } from './integrity-report.ts';
import { readIntegrity } from './read-integrity.ts';

/** What a process knows about the ledger's integrity without querying the database. */
export interface IntegrityWatch {
  /** How many subjects are in violations that nobody has acknowledged; 0 until the first read succeeds. */
  openCount(): number;
  /** Reads now, so that a change takes effect in this process at once. */
  look(): Promise<IntegrityReport>;
  stop(): Promise<void>;
}

/**
 * Polls the stored result of the check, for the guard of writes and for metrics. Reads once before it resolves. While the database is
 * unavailable, the last known state stands.
 */
export async function watchIntegrity({
  pool,
  registry,
  intervalMs,
  staleAfterMs,
  onError,
}: {
  readonly pool: Queryable;
  readonly registry: Registry;
  readonly intervalMs: number;
  readonly staleAfterMs: number;
  readonly onError: (error: unknown) => void;
}): Promise<IntegrityWatch> {
  const show = createGauges(registry);
  let openCount = 0;
  let begun = 0;
  let shown = 0;

  async function look(): Promise<IntegrityReport> {
    begun += 1;
    const turn = begun;
    const report = await readIntegrity(pool, { staleAfterMs });
    // A poll that takes long tells what was so when it began, and must not undo what a later look has found since.
    if (turn > shown) {
      shown = turn;
      openCount = report.openCount;
      show(report);
    }
    return report;
  }

  await look().catch(onError);
  const looks = repeat({
    async run() {
      await look();
    },
    firstRun: 'after_a_pause',
    pauseMs: intervalMs,
    onError,
  });
  return { openCount: () => openCount, look, stop: looks.stop };
}

function createGauges(registry: Registry): (report: IntegrityReport) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `tollgate_ledger_integrity_${name}`, help, registers: [registry] });
  const violations = gauge('violations', 'Subjects of open violations that nobody has acknowledged.');
  const checkedAt = gauge('checked_timestamp_seconds', 'When a check last ended without an error.');
  const lagSeconds = gauge(
    'lag_seconds',
    'How long ago the check had last covered every transaction that had ended.',
  );
  const lagTransactions = gauge('lag_transactions', 'Transaction ids between the check and the server.');
  const duration = gauge('duration_seconds', 'How long the last check took.');
  const rows = gauge('rows', 'Rows that the last check read.');
  return (report) => {
    violations.set(report.openCount);
    checkedAt.set((report.lastSuccessAt?.getTime() ?? 0) / 1000);
    // If nothing has been checked yet, the lag is not 0.
    lagSeconds.set(report.lagSeconds ?? Number.POSITIVE_INFINITY);
    lagTransactions.set(Number(report.lagTransactions));
    duration.set((report.lastDurationMs ?? 0) / 1000);
    rows.set(report.lastRowCount ?? 0);
  };
}
