import type { Violation } from '../violation.ts';
import type { HoldFacts } from './hold-facts.sql.ts';

/** A hold must belong to an open withdrawal or refund and be in that payment's wallet, or be what is left of an open hold for an order. */
export function decideHold(hold: HoldFacts): Violation[] {
  const isForOrder = hold.purpose === 'order';
  const detail = isForOrder ? findFaultOfOrder(hold) : findFault(hold);
  if (detail === undefined) return [];
  const subject = `hold:${hold.userId}:${hold.purpose}:${hold.subjectId}`;
  const rule = isForOrder ? 'hold_has_its_order' : 'hold_has_its_payment';
  return [{ rule, subject, fingerprint: detail, detail }];
}

function findFaultOfOrder(hold: HoldFacts): string | undefined {
  const { subjectId, accountId, amountMinor, currency, orderStatus, orderRemainingMinor, walletId } = hold;
  const what = `${sayHeld(hold)} as hold ${subjectId} of an order`;
  if (orderStatus === null) return `${what}, and this user has no such hold`;
  if (orderStatus !== 'open') return `${what}, which is ${orderStatus}`;
  if (walletId !== accountId) return `${what}, which is of account ${walletId}`;
  if (hold.subjectCurrency !== currency) return `${what}, which is in ${hold.subjectCurrency}`;
  if (orderRemainingMinor !== amountMinor) return `${what}, of which ${orderRemainingMinor} is left`;
  return undefined;
}

function sayHeld({ amountMinor, currency, accountId }: HoldFacts): string {
  return `${amountMinor} ${currency} of account ${accountId} are held`;
}

function findFault(hold: HoldFacts): string | undefined {
  const { subjectId, accountId, currency, paymentStatus, paymentType, walletId } = hold;
  const what = sayHeld(hold);
  if (paymentStatus === null) return `${what} for payment ${subjectId}, and this user has no such payment`;
  if (paymentType !== 'withdraw' && paymentType !== 'refund')
    return `${what} for payment ${subjectId}, which is a ${paymentType}`;
  if (paymentStatus !== 'new' && paymentStatus !== 'unknown')
    return `${what} for payment ${subjectId}, which is ${paymentStatus}`;
  if (walletId !== accountId)
    return `${what} for payment ${subjectId}, which is made from account ${walletId}`;
  if (hold.subjectCurrency !== currency)
    return `${what} for payment ${subjectId}, which is in ${hold.subjectCurrency}`;
  return undefined;
}
