import type { Transaction } from '../database/database.ts';
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
import type { RecordedViolation } from './violations.sql.ts';

/**
 * Records a step's findings, in a handful of statements however many there are. Steps hold the checkpoint, so no two do this at once.
 * @returns new violations, and groups that have grown.
 */
export async function recordViolations(
  transaction: Transaction,
  violations: readonly Violation[],
): Promise<RecordedViolation[]> {
  if (violations.length === 0) return [];
  const recording = decideRecording(violations, await selectKnown(transaction, violations));
  const { seenSingles, endedSingleIds, changedMembers, leavingMembers, newSingles, joining } = recording;
  if (endedSingleIds.length > 0) await endSingles(transaction, endedSingleIds);
  if (seenSingles.length > 0) await updateSeen(transaction, seenSingles);
  if (leavingMembers.length > 0) await removeSubjects(transaction, leavingMembers);

  const groupIds = await openGroups(transaction, [...joining.keys()]);
  const joined = [...joining].flatMap(([rule, found]) =>
    found.map((violation) => ({ violationId: groupIds.get(rule) as bigint, violation })),
  );
  if (joined.length + changedMembers.length > 0)
    await addSubjects(transaction, [...joined, ...changedMembers]);
  const shrunkIds = [...leavingMembers, ...changedMembers].map(({ violationId }) => violationId);
  await refreshGroups(transaction, shrunkIds);
  const grown = await refreshGroups(
    transaction,
    [...joining].flatMap(([rule, found]) => (found.length > 0 ? [groupIds.get(rule) as bigint] : [])),
  );
  return [...(newSingles.length > 0 ? await insertSingles(transaction, newSingles) : []), ...grown];
}
