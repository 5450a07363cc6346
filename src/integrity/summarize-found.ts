import type { Rule } from './violation.ts';
import type { RecordedViolation } from './violations.sql.ts';

/** What a check found under one rule, for one line of the log. */
export interface FoundUnderRule {
  readonly rule: Rule;
  readonly violation_ids: readonly string[];
  readonly subject_count: number;
  /** Some of the subjects. */
  readonly subjects: readonly string[];
  readonly detail: string;
}

const SAMPLES = 5;

/** Puts what a check found into one line for each rule, however much it is. */
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
