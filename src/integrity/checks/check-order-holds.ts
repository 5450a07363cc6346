import { savePosition } from '../checkpoint.sql.ts';
import type { Step, StepResult } from '../step.ts';
import { decideOrderHold } from './decide-order-hold.ts';
import { selectOrderHolds } from './order-hold-facts.sql.ts';

/** The rolling review of all holds ever made for orders: captured plus released must equal held (I10). */
export async function reviewOrderHolds({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { userId = '0', holdId = '0', passedAt = null } = positions.orderHolds ?? {};
  const holds = await selectOrderHolds(transaction, { after: { userId, holdId }, limit: rowLimit });
  const isDone = holds.length < rowLimit;
  const last = isDone ? undefined : holds.at(-1);
  await savePosition(transaction, 'orderHolds', {
    userId: String(last?.userId ?? 0),
    holdId: String(last?.holdId ?? 0),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: holds.length, isDone, violations: holds.flatMap(decideOrderHold) };
}
