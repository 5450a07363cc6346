import type { PartName } from '../harness/read-options.ts';

/** A figure that must reach a bound. */
export interface Target {
  readonly part: PartName;
  /** Its name among the part's figures. */
  readonly field: string;
  /** What it measures, for people. */
  readonly meaning: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: '×' | 'ms' | '%' | 'MB' | 'B';
}

export const TARGETS: readonly Target[] = [
  {
    part: 'accept',
    field: 'ratio_express',
    meaning: 'accept, against a bare Express handler',
    atLeast: 0.5,
    unit: '×',
  },
  {
    part: 'accept',
    field: 'ratio_usual',
    meaning: 'accept, against the usual way',
    atLeast: 5,
    unit: '×',
  },
  {
    part: 'accept',
    field: 'ratio_p99_usual',
    meaning: 'accept, p99 against the usual way',
    atMost: 1,
    unit: '×',
  },
  {
    part: 'drain',
    field: 'ratio_graphile_worker',
    meaning: 'drain, against graphile-worker',
    atLeast: 5,
    unit: '×',
  },
  { part: 'drain', field: 'ratio_pg_boss', meaning: 'drain, against pg-boss', atLeast: 5, unit: '×' },
  {
    part: 'drain',
    field: 'ratio_floor',
    meaning: 'drain, against the same SQL alone',
    atLeast: 0.7,
    unit: '×',
  },
  { part: 'e2e', field: 'ratio_usual', meaning: 'end to end, against the usual way', atLeast: 4, unit: '×' },
  {
    part: 'latency',
    field: 'idle_p50_ms',
    meaning: 'accepted to settled when idle, p50',
    atMost: 15,
    unit: 'ms',
  },
  {
    part: 'latency',
    field: 'idle_p99_ms',
    meaning: 'accepted to settled when idle, p99',
    atMost: 50,
    unit: 'ms',
  },
  {
    part: 'latency',
    field: 'load_p99_ms',
    meaning: 'accepted to settled at 30 % load, p99',
    atMost: 100,
    unit: 'ms',
  },
  {
    part: 'hot',
    field: 'ratio_one',
    meaning: 'all payments on one user, against 1,000 users',
    atLeast: 0.5,
    unit: '×',
  },
  {
    part: 'hold',
    field: 'ratio_usual',
    meaning: 'hold and capture, against the usual way',
    atLeast: 5,
    unit: '×',
  },
  {
    part: 'hold',
    field: 'ratio_deposits',
    meaning: 'hold and capture, against deposits accepted',
    atLeast: 0.7,
    unit: '×',
  },
  {
    part: 'convert',
    field: 'ratio_usual',
    meaning: 'quotes taken, against the usual way',
    atLeast: 5,
    unit: '×',
  },
  {
    part: 'convert',
    field: 'ratio_deposits',
    meaning: 'quotes taken, against deposits accepted',
    atLeast: 0.7,
    unit: '×',
  },
  {
    part: 'growth',
    field: 'ratio',
    meaning: 'drain beside a million finished payments, against empty tables',
    atLeast: 0.9,
    unit: '×',
  },
  {
    part: 'snapshot',
    field: 'ratio',
    meaning: 'rate beside a held snapshot, against none',
    atLeast: 0.8,
    unit: '×',
  },
  {
    part: 'snapshot',
    field: 'claim_growth',
    meaning: 'claim beside a held snapshot, last quarter of the run against its first',
    atMost: 1.25,
    unit: '×',
  },
  {
    part: 'memory',
    field: 'growth_percent',
    meaning: 'memory, growth in the second half of the run',
    atMost: 20,
    unit: '%',
  },
  {
    part: 'memory',
    field: 'max_mb',
    meaning: 'memory, the larger of API and worker',
    atMost: 250,
    unit: 'MB',
  },
  {
    part: 'size',
    field: 'disk_bytes',
    meaning: 'one settled payment on disk, all tables and indexes',
    atMost: 1400,
    unit: 'B',
  },
  {
    part: 'size',
    field: 'wal_bytes',
    meaning: 'one settled payment in the write-ahead log',
    atMost: 3200,
    unit: 'B',
  },
];

export interface JudgedTarget extends Target {
  readonly value: number;
  readonly isMet: boolean;
}

/** Compares the figures of the parts that were run with their targets. */
export function judgeTargets(
  parts: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>,
): JudgedTarget[] {
  return TARGETS.flatMap((target) => {
    const value = parts[target.part]?.[target.field];
    if (typeof value !== 'number') return [];
    const isMet = value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
    return [{ ...target, value, isMet }];
  });
}
