import type { Transaction } from '../database/database.ts';
import type { Checkpoint } from './checkpoint.ts';
import { recheckSubjects } from './recheck-violation.ts';
import { removeSubjects, saveRecheckedAfter, selectSubjects } from './record-violations.sql.ts';
import { recordViolations, refreshAndEnd } from './record-violations.ts';
import type { RecordedViolation } from './violations.sql.ts';

const SUBJECTS_AT_ONCE = 500;

export interface RecheckedGroup {
  /** The group has no subject left. */
  readonly isWhole: boolean;
  /** Its last subject has been checked; the next recheck starts with its first. */
  readonly isThrough: boolean;
  readonly found: readonly RecordedViolation[];
}

/** Checks the next subjects of a group again. Subjects that are now correct leave the group; a group without subjects is closed. */
export async function recheckGroup(
  transaction: Transaction,
  { id, rule }: RecordedViolation,
  checkpoint: Checkpoint,
): Promise<RecheckedGroup> {
  const subjects = await selectSubjects(transaction, { violationId: id, limit: SUBJECTS_AT_ONCE });
  const isThrough = subjects.length < SUBJECTS_AT_ONCE;
  const violations = await recheckSubjects(transaction, subjects, checkpoint);
  if (violations === 'unchecked') return { isWhole: false, isThrough: true, found: [] };
  const standing = violations.filter((violation) => violation.rule === rule);
  const damaged = new Set(standing.map(({ subject }) => subject));
  const whole = subjects.filter((subject) => !damaged.has(subject));
  await removeSubjects(
    transaction,
    whole.map((subject) => ({ violationId: id, subject })),
  );
  const found = await recordViolations(transaction, standing);
  await saveRecheckedAfter(transaction, {
    violationId: id,
    after: isThrough ? '' : (subjects.at(-1) as string),
  });
  const [head] = await refreshAndEnd(transaction, [id]);
  return { isWhole: head !== undefined && head.resolvedAt !== null, isThrough, found };
}
