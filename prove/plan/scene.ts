import type { PaymentType } from '../../src/payments/payment.ts';
import type { ApiName } from './members.ts';

/** One planned request. Users are numbered; number 0 owns the wallet that everybody races for. */
export interface PlannedRequest {
  readonly user: number;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly key: string | null;
  readonly firstApi: ApiName;
}

/** What something is to cost; amounts in US cents, which only a fee in dollars has. */
export interface PlannedFee {
  readonly kind: 'deposit' | 'withdrawal' | 'transfer';
  readonly currency: 'USD' | null;
  readonly payer: 'sender' | 'recipient';
  readonly percent: string;
  readonly fixedMinor: bigint | null;
  readonly leastMinor: bigint | null;
  readonly mostMinor: bigint | null;
}

/** Something that clients do together. Each is a way in which some system has lost or doubled payments before. */
export type Scene =
  | { readonly kind: 'single' | 'without_key'; readonly request: PlannedRequest }
  /** The same request several times at once, to both APIs. */
  | { readonly kind: 'duplicates'; readonly request: PlannedRequest; readonly copies: number }
  /** The key of one request is used for another, at the same moment or afterwards. */
  | {
      readonly kind: 'reused_key';
      readonly request: PlannedRequest;
      readonly other: PlannedRequest;
      readonly isAtOnce: boolean;
    }
  /** The client hangs up early and asks the other API. */
  | { readonly kind: 'hang_up'; readonly request: PlannedRequest; readonly afterMs: number }
  /** Withdrawals at once from a wallet that does not hold enough for all of them. */
  | { readonly kind: 'race'; readonly requests: readonly PlannedRequest[] }
  /** Once a deposit has settled, several refunds are asked for at once, each twice; together they exceed it. */
  | { readonly kind: 'refunds'; readonly request: PlannedRequest; readonly amountsMinor: readonly bigint[] }
  /** Money is held for an order, of a wallet with a name or without one, and captured in parts through both APIs. */
  | {
      readonly kind: 'hold';
      readonly request: PlannedRequest;
      readonly isNamed: boolean;
      readonly seller: number;
      /** Who gets what is captured: the seller's wallet without a name, one of the seller's with a name, or the house. */
      readonly to: 'user' | 'wallet' | 'sales';
      readonly partCount: number;
      readonly ending: HoldEnding;
    }
  /** Money goes from one wallet to another and some of it back, at the same moment, each sent to both APIs. */
  | {
      readonly kind: 'transfer';
      readonly request: PlannedRequest;
      readonly to: number;
      /** The client of the first request hangs up early. */
      readonly hangsUpAfterMs: number | null;
    }
  /** A quote is asked for and taken: by several keys at once, by somebody else, or when its time is over. */
  | {
      readonly kind: 'conversion';
      readonly request: PlannedRequest;
      readonly from: string;
      readonly to: string;
      readonly names: 'amount' | 'to_amount';
      readonly stranger: number;
      readonly isLeft: boolean;
    }
  /** An operator sets what something costs, and perhaps ends it again. */
  | {
      readonly kind: 'fee';
      readonly terms: PlannedFee;
      readonly isEnded: boolean;
      readonly firstApi: ApiName;
    }
  /** An operator freezes a wallet while money is on its way out of it, and opens it again. */
  | { readonly kind: 'freeze'; readonly request: PlannedRequest; readonly to: number }
  /** An earlier request is sent again, much later. `position` says which, as a share of all so far. */
  | { readonly kind: 'replay'; readonly position: number }
  | { readonly kind: 'new_user'; readonly key: string };

/**
 * What becomes of the rest of a hold: it is captured and released at the same moment, of which one happens, it is captured, it is released by
 * two at once, it is left until its time is over, or it stays held.
 */
export const HOLD_ENDINGS = ['contested', 'captured', 'released', 'left', 'kept'] as const;
type HoldEnding = (typeof HOLD_ENDINGS)[number];

export const USER_COUNT = 40;
/** Currencies of wallets, with two, no and three decimals. */
export const CURRENCIES = ['USD', 'JPY', 'KWD'] as const;
export const HOT_USER = 0;
export const HOT_BALANCE_MINOR = 10_000n;
