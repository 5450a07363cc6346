import type { Violation } from '../violation.ts';
import type { HoldFacts } from './hold-facts.sql.ts';

/** A hold must be for a withdrawal or a refund that is open, and of the wallet that it is made from. */
export function decideHold(hold: HoldFacts): Violation[] {
  const detail = findFault(hold);
  if (detail === undefined) return [];
  const subject = `hold:${hold.userId}:${hold.purpose}:${hold.subjectId}`;
  return [{ rule: 'hold_has_its_payment', subject, fingerprint: detail, detail }];
}

function findFault(hold: HoldFacts): string | undefined {
  const { subjectId, accountId, amountMinor, currency, paymentStatus, paymentType, walletId } = hold;
  const what = `${amountMinor} ${currency} of account ${accountId} are held`;
  if (paymentStatus === null) return `${what} for payment ${subjectId}, and this user has no such payment`;
  if (paymentType !== 'withdraw' && paymentType !== 'refund')
    return `${what} for payment ${subjectId}, which is a ${paymentType}`;
  if (paymentStatus !== 'new' && paymentStatus !== 'unknown')
    return `${what} for payment ${subjectId}, which is ${paymentStatus}`;
  if (walletId !== accountId)
    return `${what} for payment ${subjectId}, which is made from account ${walletId}`;
  if (hold.paymentCurrency !== currency)
    return `${what} for payment ${subjectId}, which is in ${hold.paymentCurrency}`;
  return undefined;
}
