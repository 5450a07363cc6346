import { savePosition } from '../checkpoint.sql.ts';
import type { Step, StepResult } from '../step.ts';
import { readConversionFacts, selectConversionIds } from './conversion-facts.sql.ts';
import { decideConversion } from './decide-conversion.ts';

/** The rolling review of all conversions (I12). New ones are checked with their entries. */
export async function reviewConversions({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { afterId = '0', passedAt = null } = positions.conversions ?? {};
  const ids = await selectConversionIds(transaction, { afterId: BigInt(afterId), limit: rowLimit });
  const conversions = await readConversionFacts(transaction, ids);
  const isDone = ids.length < rowLimit;
  await savePosition(transaction, 'conversions', {
    afterId: String(isDone ? 0 : ids.at(-1)),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: ids.length, isDone, violations: conversions.flatMap(decideConversion) };
}
