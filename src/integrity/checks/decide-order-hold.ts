import type { Violation } from '../violation.ts';
import type { OrderHoldFacts } from './order-hold-facts.sql.ts';

/**
 * What is held must be of a wallet of its user in its currency. Captured money must be posted. Once the hold has ended, captured plus released must equal held, and nothing may be reserved any more.
 * Until then, the reserved amount must be what is left of the hold.
 */
export function decideOrderHold(hold: OrderHoldFacts): Violation[] {
  const faults = findFaults(hold);
  if (faults.length === 0) return [];
  const detail = faults.join('; ');
  const subject = `order_hold:${hold.userId}:${hold.holdId}`;
  return [{ rule: 'order_hold_adds_up', subject, fingerprint: detail, detail }];
}

function findFaults(hold: OrderHoldFacts): string[] {
  const { status, currency, amountMinor, capturedMinor, releasedMinor, postedMinor, reservedMinor } = hold;
  const faults: string[] = [];
  if (hold.ownerId !== hold.userId || hold.walletCurrency !== currency)
    faults.push(`it is of account ${hold.walletId}, which is no wallet of this user in ${currency}`);
  const leftMinor = amountMinor - capturedMinor - releasedMinor;
  if (capturedMinor !== postedMinor)
    faults.push(`${capturedMinor} ${currency} were captured, and ${postedMinor} were posted`);
  if (status !== 'open' && leftMinor !== 0n)
    faults.push(
      `it is ${status}: ${capturedMinor} captured and ${releasedMinor} released are not the ${amountMinor} ${currency} that were held`,
    );
  if (status === 'open' && leftMinor <= 0n)
    faults.push(`it is open, and ${leftMinor} ${currency} are left of it`);
  const expectedMinor = status === 'open' ? leftMinor : 0n;
  if (reservedMinor !== expectedMinor)
    faults.push(`${reservedMinor} ${currency} are reserved for it, and not ${expectedMinor}`);
  return faults;
}
