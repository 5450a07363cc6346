import type { AccountFacts } from './account-proofs.sql.ts';
import type { Violation } from './violation.ts';

/** I2 and I3 for one account, as it was at one moment. */
export function decideAccount(account: AccountFacts): Violation[] {
  const violations: Violation[] = [];
  const subject = `account:${account.accountId}`;
  const postedOff = account.posted - BigInt(account.entriesPosted);
  const pendingOff = account.pendingOut - BigInt(account.entriesPendingOut);
  if (postedOff !== 0n || pendingOff !== 0n) {
    violations.push({
      rule: 'balance_equals_entries',
      subject,
      fingerprint: `${postedOff} ${pendingOff}`,
      detail: `stored ${account.posted} posted and ${account.pendingOut} pending out, entries say ${account.entriesPosted} and ${account.entriesPendingOut}`,
    });
  }
  const { floor } = account;
  if (floor !== null && (account.posted - account.pendingOut < floor || account.pendingOut < 0n)) {
    violations.push({
      rule: 'wallet_above_floor',
      subject,
      fingerprint: `${account.posted} ${account.pendingOut}`,
      detail: `posted ${account.posted}, pending out ${account.pendingOut}, floor ${floor}`,
    });
  }
  return violations;
}
