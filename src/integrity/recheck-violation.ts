import type { Transaction } from '../shared/database.ts';
import { selectReadFrom } from './account-proofs.sql.ts';
import { checkAccounts, isTooFarBehind } from './check-accounts.ts';
import { checkTransactions } from './check-transactions.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decideKey } from './decide-key.ts';
import { decidePayment, decideTask } from './decide-payment.ts';
import { readOneKeyFacts } from './key-facts.sql.ts';
import { readPaymentFacts, selectTask } from './payment-facts.sql.ts';
import type { Rule, Violation } from './violation.ts';

/**
 * Looks at the subject of a violation again.
 * @returns the violation as it stands now; undefined when the subject is whole; 'unchecked' when it cannot be looked at now.
 */
export async function recheckViolation(
  transaction: Transaction,
  { rule, subject }: { readonly rule: Rule; readonly subject: string },
  checkpoint: Checkpoint,
): Promise<Violation | undefined | 'unchecked'> {
  const found = await checkSubject(transaction, subject, checkpoint);
  if (found === 'unchecked') return found;
  return found.find((violation) => violation.rule === rule && violation.subject === subject);
}

async function checkSubject(
  transaction: Transaction,
  subject: string,
  { checkedBelow }: Checkpoint,
): Promise<Violation[] | 'unchecked'> {
  const [kind = '', first = '', ...rest] = subject.split(':');
  const id = BigInt(first);
  switch (kind) {
    case 'account': {
      const accountIds = [id];
      const readFrom = await selectReadFrom(transaction, { accountIds, checkedBelow });
      if (await isTooFarBehind(transaction, readFrom)) return 'unchecked';
      return await checkAccounts(transaction, { accountIds, checkedBelow, readFrom });
    }
    case 'transaction':
      return await checkTransactions(transaction, { unbalancedIds: [id], headlessIds: [id] });
    case 'payment':
      return (await readPaymentFacts(transaction, [id])).flatMap(decidePayment);
    case 'task': {
      const task = await selectTask(transaction, id);
      return task ? decideTask(task) : [];
    }
    default:
      return (await readOneKeyFacts(transaction, { scope: id, key: rest.join(':') })).flatMap(decideKey);
  }
}
