import type { Transaction } from '../database/database.ts';
import type { Checkpoint } from './checkpoint.ts';
import { selectReadFrom } from './checks/account-proofs.sql.ts';
import { checkAccounts, isTooFarBehind } from './checks/check-accounts.ts';
import { checkPostings } from './checks/check-postings.ts';
import { checkTransactions } from './checks/check-transactions.ts';
import { readConversionFacts } from './checks/conversion-facts.sql.ts';
import { decideConversion } from './checks/decide-conversion.ts';
import { decideHold } from './checks/decide-hold.ts';
import { decideKey } from './checks/decide-key.ts';
import { decideOrderHold } from './checks/decide-order-hold.ts';
import { decidePayment, decideTask } from './checks/decide-payment.ts';
import { decideTransfer } from './checks/decide-transfer.ts';
import { selectHold } from './checks/hold-facts.sql.ts';
import { readOneKeyFacts } from './checks/key-facts.sql.ts';
import { selectOrderHold } from './checks/order-hold-facts.sql.ts';
import { readPaymentFacts, selectTask } from './checks/payment-facts.sql.ts';
import { readTransferFacts } from './checks/transfer-facts.sql.ts';
import type { Rule, Violation } from './violation.ts';

/**
 * Checks the subject of a violation again.
 * @returns the current violation; undefined if the subject is now correct; 'unchecked' if it cannot be checked now.
 */
export async function recheckViolation(
  transaction: Transaction,
  { rule, subject }: { readonly rule: Rule; readonly subject: string },
  checkpoint: Checkpoint,
): Promise<Violation | undefined | 'unchecked'> {
  const found = await recheckSubjects(transaction, [subject], checkpoint);
  if (found === 'unchecked') return found;
  return found.find((violation) => violation.rule === rule && violation.subject === subject);
}

/**
 * Checks subjects of any kind again.
 * @returns everything that is wrong with them now, under any rule; 'unchecked' if they cannot be checked now.
 */
export async function recheckSubjects(
  transaction: Transaction,
  subjects: readonly string[],
  { checkedBelow }: Checkpoint,
): Promise<Violation[] | 'unchecked'> {
  const byKind = Map.groupBy(subjects.map(parseSubject), ({ kind }) => kind);
  const idsOf = (kind: string): bigint[] => (byKind.get(kind) ?? []).map(({ id }) => id);
  const violations: Violation[] = [];

  const accountIds = idsOf('account');
  if (accountIds.length > 0) {
    const readFrom = await selectReadFrom(transaction, { accountIds, checkedBelow });
    if (await isTooFarBehind(transaction, readFrom)) return 'unchecked';
    violations.push(...(await checkAccounts(transaction, { accountIds, checkedBelow, readFrom })));
  }
  const transactionIds = idsOf('transaction');
  violations.push(
    ...(await checkTransactions(transaction, { unbalancedIds: transactionIds, headlessIds: transactionIds })),
    ...(await checkPostings(transaction, transactionIds)),
    ...(await readPaymentFacts(transaction, idsOf('payment'))).flatMap(decidePayment),
    ...(await readConversionFacts(transaction, idsOf('conversion'))).flatMap(decideConversion),
    ...(await readTransferFacts(transaction, idsOf('transfer'))).flatMap(decideTransfer),
  );
  for (const id of idsOf('task')) {
    const task = await selectTask(transaction, id);
    if (task) violations.push(...decideTask(task));
  }
  for (const { id, rest } of byKind.get('hold') ?? []) {
    const [purpose = '', subjectId = 0] = rest.split(':');
    const hold = await selectHold(transaction, { userId: id, purpose, subjectId: BigInt(subjectId) });
    if (hold) violations.push(...decideHold(hold));
  }
  for (const { id, rest } of byKind.get('order_hold') ?? []) {
    const facts = await selectOrderHold(transaction, { userId: id, holdId: BigInt(rest) });
    if (facts) violations.push(...decideOrderHold(facts));
  }
  for (const { id, rest } of byKind.get('key') ?? [])
    violations.push(...(await readOneKeyFacts(transaction, { scope: id, key: rest })).flatMap(decideKey));
  return violations;
}

function parseSubject(subject: string): { kind: string; id: bigint; rest: string } {
  const [kind = '', first = '', ...rest] = subject.split(':');
  return { kind, id: BigInt(first), rest: rest.join(':') };
}
