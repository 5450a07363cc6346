import { savePosition } from '../checkpoint.sql.ts';
import type { Step, StepResult } from '../step.ts';
import { decideKey } from './decide-key.ts';
import { readKeyFacts, readNewKeyFacts } from './key-facts.sql.ts';

/** I5 of keys that were used since the last step. */
export async function checkNewKeys({
  transaction,
  checkpoint: { positions },
  rowLimit,
  graceMs,
}: Step): Promise<StepResult> {
  const { after = '-infinity', caughtUpAt = null } = positions.newKeys ?? {};
  const startedAt = new Date().toISOString();
  const keys = await readNewKeyFacts(transaction, { after, limit: rowLimit, graceMs });
  const isDone = keys.length < rowLimit;
  await savePosition(transaction, 'newKeys', {
    after: keys.at(-1)?.createdAt ?? after,
    caughtUpAt: isDone ? startedAt : caughtUpAt,
  });
  return { rowCount: keys.length, isDone, violations: keys.flatMap(decideKey) };
}

/** The rolling review of all keys. */
export async function reviewKeys({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { scope = '-1', key = '', passedAt = null } = positions.keys ?? {};
  const keys = await readKeyFacts(transaction, { scope: BigInt(scope), key, limit: rowLimit });
  const last = keys.at(-1);
  const isDone = keys.length < rowLimit || !last;
  await savePosition(transaction, 'keys', {
    ...(isDone ? { scope: '-1', key: '' } : { scope: last.scope.toString(), key: last.key }),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: keys.length, isDone, violations: keys.flatMap(decideKey) };
}
