import type { Pool } from '../../src/database/database.ts';
import type { Hold } from '../../src/holds/hold.ts';
import type { Posting } from '../../src/ledger/posting.ts';
import type { SystemAccounts } from '../../src/ledger/system-accounts.ts';
import type { Conclusion } from '../../src/payments/conclude/conclusion.ts';
import { holdOf, settlePosting } from '../../src/payments/kinds/payment-postings.ts';
import { selectOpenPayments } from './floor-payments.sql.ts';

/** What the floor writes about a payment, prepared before it is claimed. */
export interface PreparedPayment {
  readonly conclusion: Conclusion;
  readonly posting: Posting;
  /** What a withdrawal holds until then. */
  readonly hold: Hold | undefined;
}

/** Reads every payment that waits and prepares its settlement. */
export async function preparePayments(
  pool: Pool,
  accounts: SystemAccounts,
): Promise<Map<bigint, PreparedPayment>> {
  const payments = await selectOpenPayments(pool);
  return new Map(
    payments.map((payment) => [
      payment.paymentId,
      {
        conclusion: {
          payment,
          status: 'success',
          gatewayReference: 'bench',
          attempts: 1,
        },
        posting: settlePosting(payment, accounts),
        hold: holdOf(payment),
      },
    ]),
  );
}
