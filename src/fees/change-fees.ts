import type { Pool, Queryable, Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import {
  insertFee,
  insertFeeChange,
  isFeeChangeWritten,
  lockSchedule,
  readFee,
  readOpenFees,
  readReplacedId,
  setEnd,
} from './change-fees.sql.ts';
import { decideEnd, decideNewFee, type EndDecision, type NewFeeDecision } from './decide-fee-change.ts';
import type { ScheduledFee } from './fee.ts';
import type { ChangedBy, EndOfFee, NewFee } from './fee-change.ts';

/** A change that was made, with the row that it is about as it is now. */
interface Changed<Kind extends string> {
  readonly kind: Kind;
  readonly changeId: bigint;
  readonly fee: ScheduledFee;
  /** The row that went until then, or goes on in its place; null if there is none. */
  readonly other: ScheduledFee | null;
}

export type SetFeeOutcome = Changed<'set'> | Exclude<NewFeeDecision, { kind: 'fits' }>;
export type EndFeeOutcome =
  | Changed<'end'>
  | Changed<'withdraw'>
  | { readonly kind: 'not_found' }
  | Exclude<EndDecision, { kind: 'ends' | 'withdrawn' }>;

/**
 * Adds a row to the schedule, and ends the one that is valid when it begins. What is accepted after this has committed, and after the row
 * has begun, is charged by it.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown if that is not known.
 */
export async function setFee(pool: Pool, fee: NewFee): Promise<SetFeeOutcome> {
  const work = async (transaction: Transaction): Promise<SetFeeOutcome> => {
    await lockSchedule(transaction);
    const decision = decideNewFee(fee.validFrom, await readOpenFees(transaction, fee));
    if (decision.kind !== 'fits') return decision;
    const { validFrom, replaced } = decision;
    // First the one that ends, so that the two never overlap.
    if (replaced) await setEnd(transaction, replaced.id, validFrom);
    const added = await insertFee(transaction, fee, decision);
    const changeId = await insertFeeChange(transaction, {
      ...fee,
      action: 'set',
      beforeId: replaced?.id ?? null,
      afterId: added.id,
      effectiveAt: validFrom,
    });
    return { kind: 'set', changeId, fee: added, other: replaced && { ...replaced, validTo: validFrom } };
  };
  return await inTransaction(pool, work, { isWritten: wasChanged(fee) });
}

/**
 * Gives a row an end, or withdraws one that has not begun: then the row that it was to end goes on.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown if that is not known.
 */
export async function endFee(pool: Pool, end: EndOfFee): Promise<EndFeeOutcome> {
  const { id, by, reason } = end;
  const work = async (transaction: Transaction): Promise<EndFeeOutcome> => {
    await lockSchedule(transaction);
    const fee = await readFee(transaction, id);
    if (!fee) return { kind: 'not_found' };
    const { now, fees } = await readOpenFees(transaction, fee);
    const replacedId = await readReplacedId(transaction, id);
    const replaced = fees.find((other) => other.id === replacedId) ?? null;
    const decision = decideEnd(fee, end.validTo, { now, replaced });
    if (decision.kind !== 'ends' && decision.kind !== 'withdrawn') return decision;

    const isWithdrawn = decision.kind === 'withdrawn';
    const validTo = isWithdrawn ? fee.validFrom : decision.validTo;
    await setEnd(transaction, id, validTo);
    const resumed = isWithdrawn ? decision.resumed : null;
    if (isWithdrawn && resumed) await setEnd(transaction, resumed.id, decision.resumedTo);
    const action = isWithdrawn ? 'withdraw' : 'end';
    const changeId = await insertFeeChange(transaction, {
      action,
      beforeId: id,
      afterId: resumed?.id ?? null,
      effectiveAt: validTo,
      by,
      reason,
    });
    return {
      kind: action,
      changeId,
      fee: { ...fee, validTo },
      other: resumed && isWithdrawn ? { ...resumed, validTo: decision.resumedTo } : null,
    };
  };
  return await inTransaction(pool, work, { isWritten: wasChanged(end) });
}

/** A refusal wrote nothing, so a lost COMMIT does not matter to it. */
function wasChanged({ by, reason }: ChangedBy) {
  return async (queryable: Queryable, outcome: SetFeeOutcome | EndFeeOutcome): Promise<boolean> =>
    !('changeId' in outcome) ||
    (await isFeeChangeWritten(queryable, { changeId: outcome.changeId, by, reason }));
}
