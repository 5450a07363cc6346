import type { Transaction } from '../database/database.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { decideRecording } from './decide-recording.ts';
import {
  addSubjects,
  endSingles,
  insertSingles,
  openGroups,
  refreshGroups,
  removeSubjects,
  selectKnown,
  updateSeen,
} from './record-violations.sql.ts';
import type { Violation } from './violation.ts';
import { eventOfViolation } from './violation-events.ts';
import type { RecordedViolation } from './violations.sql.ts';

/**
 * Records a step's findings, in a handful of statements however many there are. Steps hold the checkpoint, so no two do this at once. What is
 * new is an event, and so is what ended.
 * @returns new violations, and groups that have grown.
 */
export async function recordViolations(
  transaction: Transaction,
  violations: readonly Violation[],
): Promise<RecordedViolation[]> {
  if (violations.length === 0) return [];
  const recording = decideRecording(violations, await selectKnown(transaction, violations));
  const { seenSingles, endedSingleIds, changedMembers, leavingMembers, newSingles, joining } = recording;
  if (endedSingleIds.length > 0) await endViolations(transaction, endedSingleIds);
  if (seenSingles.length > 0) await updateSeen(transaction, seenSingles);
  if (leavingMembers.length > 0) await removeSubjects(transaction, leavingMembers);

  const { ids: groupIds, made } = await openGroups(transaction, [...joining.keys()]);
  const joined = [...joining].flatMap(([rule, found]) =>
    found.map((violation) => ({ violationId: groupIds.get(rule) as bigint, violation })),
  );
  if (joined.length + changedMembers.length > 0)
    await addSubjects(transaction, [...joined, ...changedMembers]);
  const shrunkIds = [...leavingMembers, ...changedMembers].map(({ violationId }) => violationId);
  await refreshAndEnd(transaction, shrunkIds);
  const grown = await refreshGroups(
    transaction,
    [...joining].flatMap(([rule, found]) => (found.length > 0 ? [groupIds.get(rule) as bigint] : [])),
  );
  const singles = newSingles.length > 0 ? await insertSingles(transaction, newSingles) : [];
  await writeEvents(
    transaction,
    [...singles, ...made].map((violation) => eventOfViolation('found', violation)),
  );
  return [...singles, ...grown];
}

/** Closes violations that no longer hold. */
export async function endViolations(transaction: Transaction, ids: readonly bigint[]): Promise<void> {
  const ended = await endSingles(transaction, ids);
  await writeEvents(
    transaction,
    ended.map((violation) => eventOfViolation('ended', violation)),
  );
}

/** Updates groups that may have lost subjects; one without any is closed. */
export async function refreshAndEnd(
  transaction: Transaction,
  ids: readonly bigint[],
): Promise<RecordedViolation[]> {
  const refreshed = await refreshGroups(transaction, ids);
  const ended = refreshed.filter(({ resolvedAt }) => resolvedAt !== null);
  await writeEvents(
    transaction,
    ended.map((violation) => eventOfViolation('ended', violation)),
  );
  return refreshed;
}
