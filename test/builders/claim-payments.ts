import type { Pool } from '../../src/database/database.ts';
import { createPaymentClaimer } from '../../src/payments/attempt/claim-payments.ts';
import type { ClaimedPayment } from '../../src/payments/claimed-payment.ts';

const CARELESS = { heldRescueCounts: [], maxRescues: 1000, concurrency: 1000 };

/** Claims up to `limit` ready payments at once, however often they were rescued. */
export async function claimPayments(
  pool: Pool,
  { worker, limit, leaseMs }: { readonly worker: string; readonly limit: number; readonly leaseMs: number },
): Promise<ClaimedPayment[]> {
  const claimer = createPaymentClaimer({ pool, worker, leaseMs });
  const claimed = await claimer.claim(limit);
  for (;;) {
    const rescued = await claimer.claimRescued({ ...CARELESS, limit: limit - claimed.length });
    if (rescued.length === 0) return claimed;
    claimed.push(...rescued);
  }
}
