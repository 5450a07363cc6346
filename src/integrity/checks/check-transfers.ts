import { savePosition } from '../checkpoint.sql.ts';
import type { Step, StepResult } from '../step.ts';
import { decideTransfer } from './decide-transfer.ts';
import { readTransferFacts, selectTransferIds } from './transfer-facts.sql.ts';

/** The rolling review of all transfers (I5). New ones are checked with their entries. */
export async function reviewTransfers({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { afterId = '0', passedAt = null } = positions.transfers ?? {};
  const ids = await selectTransferIds(transaction, { afterId: BigInt(afterId), limit: rowLimit });
  const transfers = await readTransferFacts(transaction, ids);
  const isDone = ids.length < rowLimit;
  await savePosition(transaction, 'transfers', {
    afterId: String(isDone ? 0 : ids.at(-1)),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: ids.length, isDone, violations: transfers.flatMap(decideTransfer) };
}
