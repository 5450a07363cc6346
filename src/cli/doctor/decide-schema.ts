import type { ModelState } from '../../database/model/decide-model.ts';
import { explainUnfitModel } from '../../database/model/require-model.ts';
import type { IntegrityReport } from '../../integrity/integrity-report.ts';
import type { FrozenScale } from '../../ledger/account-scales.sql.ts';
import { findScaleConflicts } from '../../ledger/frozen-scales.ts';
import { isRetiredCurrency } from '../../money/currency.ts';
import type { DatabaseSample } from '../../telemetry/sample-database.sql.ts';
import { type Check, judge } from './check.ts';

const SNAPSHOT_WARN_SECONDS = 60;
/** As the alert TollgateSnapshotHeld. */
const SNAPSHOT_FAIL_SECONDS = 600;
/** As the alert TollgateDeadTuplesPiling; tables that hold much may have more before it matters. */
const DEAD_TUPLES_WARN = 200_000;
const DEAD_SHARE_WARN = 0.3;

/** Whether the tables of the database are those of this version. Pure. */
export function decideMigrations(state: ModelState): Check {
  if (state.kind === 'behind')
    return judge('migrations', `${state.missing.length} pending: ${state.missing.join(', ')}`, [
      [true, 'fail', 'Run: npx tollgate migrate'],
    ]);
  const reason = explainUnfitModel(state);
  return judge('migrations', reason ? `the database ${reason}` : 'none is pending', [
    [reason !== undefined, 'fail', 'Nothing starts on this database, and nothing changes it.'],
  ]);
}

/** Whether every amount is read as it was written, and nobody holds money of the past. Pure. */
export function decideScales(frozen: readonly FrozenScale[]): Check {
  const conflicts = findScaleConflicts(frozen);
  const kept = frozen.map(({ currency, scale }) => `${currency} with ${scale}`).join(', ');
  const retired = frozen.map(({ currency }) => currency).filter(isRetiredCurrency);
  return judge('currencies', conflicts.length > 0 ? conflicts.join(' ') : `decimals: ${kept || 'none yet'}`, [
    [
      conflicts.length > 0,
      'fail',
      'Nothing starts on this database: use the version that wrote it. See docs/operating.md#currencies',
    ],
    [
      retired.length > 0,
      'warn',
      `Decide what becomes of money in a currency that was retired: ${retired.join(', ')}.`,
    ],
  ]);
}

/** What keeps vacuum from its work, and what it has left undone. Pure. */
export function decideUpkeep(sample: DatabaseSample): Check[] {
  const oldest = Math.max(0, sample.oldestTransactionSeconds);
  const full = sample.tables.filter(
    ({ dead, live }) => dead > DEAD_TUPLES_WARN && dead > live * DEAD_SHARE_WARN,
  );
  const worst = [...sample.tables].sort((a, b) => b.dead - a.dead)[0];
  return [
    judge(
      'oldest snapshot',
      `held for ${oldest.toFixed(1)} s, ${sample.snapshotLagTransactions} transactions ago`,
      [
        [
          oldest > SNAPSHOT_FAIL_SECONDS,
          'fail',
          'End that transaction (pg_stat_activity by xact_start, then pg_terminate_backend): vacuum can remove nothing meanwhile.',
        ],
        [oldest > SNAPSHOT_WARN_SECONDS, 'warn', 'Look who holds it: pg_stat_activity by xact_start.'],
      ],
    ),
    judge(
      'dead tuples',
      worst && worst.dead > 0 ? `most in ${worst.table}: ${worst.dead}, beside ${worst.live} live` : 'none',
      [
        [
          full.length > 0,
          'warn',
          `Vacuum is behind on ${full.map(({ table }) => table).join(', ')}: see docs/runbooks.md#tollgatedeadtuplespiling`,
        ],
      ],
    ),
  ];
}

export function decideIntegrity({ status, reason }: IntegrityReport): Check {
  return judge('integrity', reason ? `${status}: ${reason}` : status, [
    [status === 'violated', 'fail', 'No money moves while violations stand. See: npx tollgate integrity'],
    [
      status === 'stale',
      'warn',
      'A running worker checks every minute; or run: npx tollgate integrity --run',
    ],
  ]);
}
