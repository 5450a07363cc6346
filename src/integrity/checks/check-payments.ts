import { savePosition } from '../checkpoint.sql.ts';
import type { Step, StepResult } from '../step.ts';
import { checkAccounts, isTooFarBehind } from './check-accounts.ts';
import { decidePayment, decideTask } from './decide-payment.ts';
import { readPaymentFacts, selectNewPaymentIds, selectPaymentIds, selectTasks } from './payment-facts.sql.ts';

/**
 * I4, I5 and I10 of payments accepted since the last step, and I2 and I3 of the wallets in which their withdrawals and refunds hold money.
 * Settled payments are checked together with their entries.
 */
export async function checkNewPayments({
  transaction,
  checkpoint: { positions, checkedBelow },
  rowLimit,
  graceMs,
}: Step): Promise<StepResult> {
  const { afterId = '0', caughtUpAt = null } = positions.newPayments ?? {};
  const startedAt = new Date().toISOString();
  const ids = await selectNewPaymentIds(transaction, { afterId: BigInt(afterId), limit: rowLimit, graceMs });
  const payments = await readPaymentFacts(transaction, ids);
  const isDone = ids.length < rowLimit;
  await savePosition(transaction, 'newPayments', {
    afterId: (ids.at(-1) ?? afterId).toString(),
    caughtUpAt: isDone ? startedAt : caughtUpAt,
  });
  const accountIds = [
    ...new Set(payments.filter(({ type }) => type !== 'deposit').map(({ walletId }) => walletId)),
  ];
  const wallets =
    accountIds.length === 0 || (await isTooFarBehind(transaction, checkedBelow))
      ? []
      : await checkAccounts(transaction, { accountIds, checkedBelow, readFrom: checkedBelow });
  return { rowCount: ids.length, isDone, violations: [...payments.flatMap(decidePayment), ...wallets] };
}

/** The rolling review of all payments: a status that was changed by hand leaves no other trace. */
export async function reviewPayments({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { afterId = '0', passedAt = null } = positions.payments ?? {};
  const ids = await selectPaymentIds(transaction, { afterId: BigInt(afterId), limit: rowLimit });
  const payments = await readPaymentFacts(transaction, ids);
  const isDone = ids.length < rowLimit;
  await savePosition(transaction, 'payments', {
    afterId: String(isDone ? 0 : ids.at(-1)),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: ids.length, isDone, violations: payments.flatMap(decidePayment) };
}

/** The rolling review of the queue: every task must belong to an open payment. */
export async function reviewTasks({
  transaction,
  checkpoint: { positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { afterId = '0', passedAt = null } = positions.tasks ?? {};
  const tasks = await selectTasks(transaction, { afterId: BigInt(afterId), limit: rowLimit });
  const isDone = tasks.length < rowLimit;
  await savePosition(transaction, 'tasks', {
    afterId: String(isDone ? 0 : tasks.at(-1)?.paymentId),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: tasks.length, isDone, violations: tasks.flatMap(decideTask) };
}
