import { savePosition } from '../checkpoint.sql.ts';
import type { Step, StepResult } from '../step.ts';
import { decideHold } from './decide-hold.ts';
import { selectHolds } from './hold-facts.sql.ts';

/** The rolling review of all holds: each must belong to something open of its user (I10). */
export async function reviewHolds({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { userId = '0', purpose = '', subjectId = '0', passedAt = null } = positions.holds ?? {};
  const holds = await selectHolds(transaction, { after: { userId, purpose, subjectId }, limit: rowLimit });
  const isDone = holds.length < rowLimit;
  const last = isDone ? undefined : holds.at(-1);
  await savePosition(transaction, 'holds', {
    userId: String(last?.userId ?? 0),
    purpose: last?.purpose ?? '',
    subjectId: String(last?.subjectId ?? 0),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: holds.length, isDone, violations: holds.flatMap(decideHold) };
}
