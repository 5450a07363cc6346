import type { PaymentInstruction } from '../gateway/port/payment-gateway.ts';
import type { ClaimedTask } from '../queue/task.ts';
import type { PaymentType } from './payment.ts';

/** A payment that a worker has claimed: what the gateway needs to know, and what is needed to settle it. */
export interface ClaimedPayment extends PaymentInstruction {
  readonly type: PaymentType;
  readonly walletId: bigint;
  /** Whether its wallet pays the fee; `amountMinor` is what the gateway is asked to move either way. */
  readonly walletPaysFee: boolean;
  readonly createdAt: Date;
  /** The failed payment that it was made from; null for most. */
  readonly redriveOf: bigint | null;
  /** The deposit that it gives back, when it is a refund. */
  readonly refundOf: bigint | null;
  readonly refundReason: string | null;
  /** Where it is carried out; null: at the gateway without a name. */
  readonly gatewayName: string | null;
  readonly task: ClaimedTask;
}
