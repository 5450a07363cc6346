import type { Rule } from './violation.ts';
import type { RecordedViolation } from './violations.sql.ts';

/** A check's findings under one rule, for one log line. */
export interface FoundUnderRule {
  readonly rule: Rule;
  readonly violation_ids: readonly string[];
  readonly subject_count: number;
  /** Some of the subjects. */
  readonly subjects: readonly string[];
  readonly detail: string;
}

const SAMPLES = 5;

/** Summarizes a check's findings in one line for each rule, however many there are. */
export function summarizeFound(found: readonly RecordedViolation[]): FoundUnderRule[] {
  return [...Map.groupBy(found, ({ rule }) => rule)].map(([rule, violations]) => ({
    rule,
    violation_ids: violations.map(({ id }) => id.toString()),
    subject_count: violations.reduce((sum, { subjectCount }) => sum + subjectCount, 0),
    subjects: violations
      .flatMap(({ isGroup, samples, subject }) => (isGroup ? samples : [subject]))
      .slice(0, SAMPLES),
    detail: violations[0]?.detail ?? '',
  }));
}
