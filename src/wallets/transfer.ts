import type { FeePayer } from '../fees/fee.ts';
import type { IdempotencyClaim } from '../idempotency/used-key.ts';
import type { Money } from '../money/money.ts';
import type { WalletIdentity } from './wallet.ts';

/** Money that went from one wallet to another, at once and for good. */
export interface Transfer extends Money {
  readonly transferId: bigint;
  /** On top of the amount if the sender pays it, or else out of it. */
  readonly feeMinor: bigint;
  readonly feePayer: FeePayer;
  /** Of the wallet that gave it. */
  readonly userId: bigint;
  readonly fromWalletId: bigint;
  readonly toWalletId: bigint;
  readonly createdAt: Date;
}

type WalletEnd = Pick<WalletIdentity, 'walletId' | 'userId'>;

/** One validated request: two wallets that differ and are both in the currency of the amount. */
export interface TransferRequest {
  readonly from: WalletEnd;
  readonly to: WalletEnd;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly idempotency: IdempotencyClaim | null;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}
