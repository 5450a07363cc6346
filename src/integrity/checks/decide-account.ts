import type { Violation } from '../violation.ts';
import type { AccountFacts } from './account-proofs.sql.ts';

/** I2 and I3 for one account, as it was at one moment. */
export function decideAccount(account: AccountFacts): Violation[] {
  const violations: Violation[] = [];
  const subject = `account:${account.accountId}`;
  const { state, posted, held, floor } = account;
  const postedOff = posted - BigInt(account.entriesPosted);
  if (postedOff !== 0n) {
    violations.push({
      rule: 'balance_equals_entries',
      subject,
      fingerprint: `${postedOff}`,
      detail: `stored ${posted} posted, entries say ${account.entriesPosted}`,
    });
  }
  const heldOff = held - BigInt(account.holds);
  if (heldOff !== 0n) {
    violations.push({
      rule: 'held_equals_holds',
      subject,
      fingerprint: `${heldOff}`,
      detail: `stored ${held} held, its holds say ${account.holds}`,
    });
  }
  if (floor !== null && (posted - held < floor || held < 0n)) {
    violations.push({
      rule: 'wallet_above_floor',
      subject,
      fingerprint: `${posted} ${held}`,
      detail: `posted ${posted}, held ${held}, floor ${floor}`,
    });
  }
  if (state === 'closed' && (posted !== 0n || held !== 0n)) {
    violations.push({
      rule: 'closed_wallet_is_empty',
      subject,
      fingerprint: `${posted} ${held}`,
      detail: `closed, with ${posted} posted and ${held} held`,
    });
  }
  return violations;
}
