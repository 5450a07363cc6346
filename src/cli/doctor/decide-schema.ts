import type { ModelState } from '../../database/model/decide-model.ts';
import { explainUnfitModel } from '../../database/model/require-model.ts';
import type { IntegrityReport } from '../../integrity/integrity-report.ts';
import type { FrozenScale } from '../../ledger/scales/account-scales.sql.ts';
import { findScaleConflicts } from '../../ledger/scales/frozen-scales.ts';
import { isRetiredCurrency } from '../../money/currency.ts';
import type { DatabaseSample } from '../../telemetry/sample-database.sql.ts';
import { type Check, judge } from './check.ts';

const SNAPSHOT_WARN_SECONDS = 60;
/** The same limit as the alert TollgateSnapshotHeld. */
const SNAPSHOT_FAIL_SECONDS = 600;
/** The same limits as the alert TollgateDeadTuplesPiling; large tables may have more before it matters. */
const DEAD_TUPLES_WARN = 200_000;
const DEAD_SHARE_WARN = 0.3;

/** Whether the tables of the database are those of this version. Pure. */
export function decideMigrations(state: ModelState): Check {
  if (state.kind === 'behind')
    return judge('migrations', `${state.missing.length} pending: ${state.missing.join(', ')}`, [
      [true, 'fail', 'Run: npx tollgate migrate'],
    ]);
  const reason = explainUnfitModel(state);
  return judge('migrations', reason ? `the database ${reason}` : 'none pending', [
    [reason !== undefined, 'fail', 'Tollgate does not start on this database, and does not change it.'],
  ]);
}

/** Whether every amount is read with the scale that it was written with, and nobody holds money in a retired currency. Pure. */
export function decideScales(frozen: readonly FrozenScale[]): Check {
  const conflicts = findScaleConflicts(frozen);
  const kept = frozen.map(({ currency, scale }) => `${currency} with ${scale}`).join(', ');
  const retired = frozen.map(({ currency }) => currency).filter(isRetiredCurrency);
  return judge('currencies', conflicts.length > 0 ? conflicts.join(' ') : `decimals: ${kept || 'none yet'}`, [
    [
      conflicts.length > 0,
      'fail',
      'Tollgate does not start on this database: use the version that wrote it. See docs/operating.md#currencies',
    ],
    [
      retired.length > 0,
      'warn',
      `Decide what to do with money in retired currencies: ${retired.join(', ')}.`,
    ],
  ]);
}

/** What holds vacuum back, and where it is behind. Pure. */
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
          'End that transaction (find it in pg_stat_activity by xact_start, then use pg_terminate_backend): until then, vacuum can remove nothing.',
        ],
        [
          oldest > SNAPSHOT_WARN_SECONDS,
          'warn',
          'Find out who holds it: pg_stat_activity, ordered by xact_start.',
        ],
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
    [status === 'violated', 'fail', 'No money moves while violations are open. See: npx tollgate integrity'],
    [
      status === 'stale',
      'warn',
      'Start a worker, which checks every minute, or run: npx tollgate integrity --run',
    ],
  ]);
}
