import { countOf } from '../text/plural.ts';
import type { Positions } from './checkpoint.ts';
import type { IntegrityState } from './read-integrity.sql.ts';
import { INVARIANTS, type Invariant, RULES, type Rule } from './violation.ts';

/** `violated`: a person must look at something. `stale`: no fault is known, but the check is behind. */
export const INTEGRITY_STATUSES = ['ok', 'violated', 'stale'] as const;
export type IntegrityStatus = (typeof INTEGRITY_STATUSES)[number];

export interface InvariantReport {
  readonly invariant: Invariant;
  readonly openCount: number;
  /** Everything written before this time has been checked; null until the first run has caught up. */
  readonly checkedUpTo: Date | null;
  /** When the rolling review last completed a pass for this invariant; null until the first pass ends. */
  readonly reviewedAt: Date | null;
}

export interface IntegrityReport {
  readonly status: IntegrityStatus;
  /** Why it is stale, or the error of the last run. */
  readonly reason: string | null;
  readonly openCount: number;
  readonly checkedBelow: bigint;
  readonly checkedUpTo: Date | null;
  readonly lagSeconds: number | null;
  readonly lagTransactions: bigint;
  readonly lastRunAt: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly lastDurationMs: number | null;
  readonly lastRowCount: number | null;
  readonly invariants: readonly InvariantReport[];
}

/** Decides the state of the ledger from the check's stored state. */
export function decideIntegrityReport(
  state: IntegrityState,
  openByRule: ReadonlyMap<Rule, number>,
  { staleAfterMs }: { readonly staleAfterMs: number },
): IntegrityReport {
  const openCount = [...openByRule.values()].reduce((sum, count) => sum + count, 0);
  const invariants = INVARIANTS.map((invariant) => reportInvariant(invariant, { state, openByRule }));
  const checkedUpTo = earliest(invariants.map((report) => report.checkedUpTo));
  const lagMs = checkedUpTo && Math.max(0, state.now.getTime() - checkedUpTo.getTime());
  const staleReason = explainStale(state, { lagMs, staleAfterMs });
  return {
    status: openCount > 0 ? 'violated' : staleReason ? 'stale' : 'ok',
    reason:
      openCount > 0
        ? `${countOf(openCount, 'violation')} ${openCount === 1 ? 'stands' : 'stand'}`
        : staleReason,
    openCount,
    checkedBelow: state.checkedBelow,
    checkedUpTo,
    lagSeconds: lagMs === null ? null : lagMs / 1000,
    lagTransactions: state.nextTransactionId - state.checkedBelow,
    lastRunAt: state.lastRunAt,
    lastSuccessAt: state.lastSuccessAt,
    lastDurationMs: state.lastDurationMs,
    lastRowCount: state.lastRowCount === null ? null : Number(state.lastRowCount),
    invariants,
  };
}

function explainStale(
  { lastError, lastSuccessAt, now }: IntegrityState,
  { lagMs, staleAfterMs }: { readonly lagMs: number | null; readonly staleAfterMs: number },
): string | null {
  if (!lastSuccessAt) return lastError ? `the check fails: ${lastError}` : 'no check has run yet';
  if (now.getTime() - lastSuccessAt.getTime() > staleAfterMs)
    return lastError ? `the check fails: ${lastError}` : 'the check does not run';
  if (lagMs === null) return 'the first check has not read everything yet';
  return lagMs > staleAfterMs ? 'the check is behind' : null;
}

function reportInvariant(
  invariant: Invariant,
  { state, openByRule }: { readonly state: IntegrityState; readonly openByRule: ReadonlyMap<Rule, number> },
): InvariantReport {
  const rules = (Object.keys(RULES) as Rule[]).filter((rule) => RULES[rule] === invariant);
  const { checkedUpTo, reviewedAt } = timesOf(invariant, state.positions);
  return {
    invariant,
    openCount: rules.reduce((sum, rule) => sum + (openByRule.get(rule) ?? 0), 0),
    checkedUpTo: earliest([state.caughtUpAt, ...checkedUpTo.map(toDate)]),
    reviewedAt: earliest(reviewedAt.map(toDate)),
  };
}

/** The parts that check an invariant; its progress is that of the slowest. */
function timesOf(invariant: Invariant, positions: Positions) {
  const { newPayments, newKeys, accounts, entries, history, payments, keys, tasks } = positions;
  const { holds, orderHolds, conversions, transfers } = positions;
  switch (invariant) {
    case 'I1':
      return { checkedUpTo: [], reviewedAt: [history?.passedAt] };
    case 'I2':
      return { checkedUpTo: [], reviewedAt: [accounts?.passedAt, entries?.passedAt] };
    case 'I3':
      return { checkedUpTo: [], reviewedAt: [accounts?.passedAt] };
    case 'I4':
      return { checkedUpTo: [newPayments?.caughtUpAt], reviewedAt: [payments?.passedAt] };
    case 'I5':
      return {
        checkedUpTo: [newPayments?.caughtUpAt, newKeys?.caughtUpAt],
        reviewedAt: [
          payments?.passedAt,
          keys?.passedAt,
          tasks?.passedAt,
          transfers?.passedAt,
          history?.passedAt,
        ],
      };
    case 'I10':
      return {
        checkedUpTo: [newPayments?.caughtUpAt],
        reviewedAt: [payments?.passedAt, holds?.passedAt, orderHolds?.passedAt, history?.passedAt],
      };
    case 'I12':
      return { checkedUpTo: [], reviewedAt: [conversions?.passedAt, history?.passedAt] };
  }
}

function toDate(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

/** null if one of them is null: a part that has never finished counts as earliest. */
function earliest(dates: readonly (Date | null)[]): Date | null {
  return dates.reduce((first, date) => (first && date && date < first ? date : first && date && first));
}
