import type { Currency } from './currencies.ts';
import type { FeePayer, ModelFee } from './fees.ts';

/** What the service is to remember, in the plainest form there is: it can be copied, so that several orders of events can be tried. */
export interface ModelState {
  /** What a frozen wallet does with money that somebody wants to bring. */
  readonly frozenCredits: 'accept' | 'refuse';
  readonly users: Map<number, ModelUser>;
  /** By user, currency and name. */
  readonly wallets: Map<string, ModelWallet>;
  readonly payments: Map<number, ModelPayment>;
  readonly letters: ModelLetter[];
  readonly transfers: Map<number, ModelTransfer>;
  /** By user and order. */
  readonly holds: Map<string, ModelHold>;
  /** By token. */
  readonly quotes: Map<string, ModelQuote>;
  /** The rows of the schedule that are valid. */
  readonly fees: ModelFee[];
  /** Those that were valid once. */
  readonly endedFees: Set<number>;
  readonly keys: Map<string, UsedKey>;
  /** What the gateway did, by reference. */
  readonly book: Map<number, BookState>;
  readonly sends: Map<number, Sends>;
}

export function emptyState({ frozenCredits }: Pick<ModelState, 'frozenCredits'>): ModelState {
  return {
    frozenCredits,
    users: new Map(),
    wallets: new Map(),
    payments: new Map(),
    letters: [],
    transfers: new Map(),
    holds: new Map(),
    quotes: new Map(),
    fees: [],
    endedFees: new Set(),
    keys: new Map(),
    book: new Map(),
    sends: new Map(),
  };
}

export interface WalletName {
  readonly userId: number;
  readonly currency: Currency;
  /** Without one, the wallet that is meant where the user and the currency are named. */
  readonly name?: string | undefined;
}

export interface ModelUser {
  readonly id: number;
  /** Of the wallet that the user began with. */
  readonly currency: Currency;
  /** The UUID by which another system calls the user. */
  readonly externalId: string | null;
}

export interface ModelWallet extends WalletName {
  /** What is settled, in minor units; so are all amounts of the model. */
  posted: bigint;
  state: WalletState;
  /** What became of its state, oldest first. */
  readonly changes: StateChange[];
}

export type WalletState = 'open' | 'frozen' | 'closed';
export type StateAction = 'freeze' | 'unfreeze' | 'close';
export interface StateChange {
  readonly action: StateAction;
  readonly before: WalletState;
  readonly after: WalletState;
}

export interface Task {
  attempts: number;
  rescues: number;
  /** Some call may have been executed without our knowing. */
  mayHaveExecuted: boolean;
  notFound: number;
}

export interface ModelPayment extends WalletName {
  readonly id: number;
  readonly type: 'deposit' | 'withdraw' | 'refund';
  /** What was asked for. */
  readonly amount: bigint;
  /** Of a refund: what goes back of the deposit's fee. Like all that follows, it stays as it was when the payment was accepted. */
  readonly fee: bigint;
  readonly payer: FeePayer;
  /** What the wallet gets of a deposit, or gives for anything else. */
  readonly ofWallet: bigint;
  /** What the gateway is asked to move. */
  readonly ofGateway: bigint;
  readonly refundOf: number | null;
  readonly redriveOf: number | null;
  /** The first payment of those that the gateway knows by one reference. */
  readonly reference: number;
  status: 'processing' | 'success' | 'failed' | 'unknown';
  /** Whether it ever held funds; a withdrawal that was refused for want of them did not. */
  readonly wasTaken: boolean;
  /** Attempts that ended, in all. */
  attempts: number;
  /** Where its task stands; null when it has none. */
  task: Task | null;
  /** Questions that were answered "not found" since it became unknown. */
  inquiryNotFound: number;
}

export interface ModelLetter {
  readonly paymentId: number;
  reason: 'refused' | 'attempts_exhausted' | 'outcome_unknown' | 'poison';
  action: 'redriven' | 'discarded' | 'resolved' | null;
}

export interface ModelTransfer {
  readonly id: number;
  readonly from: WalletName;
  readonly to: WalletName;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly payer: FeePayer;
}

export interface ModelHold extends WalletName {
  readonly orderId: string;
  readonly amount: bigint;
  captured: bigint;
  released: bigint;
  status: 'open' | 'captured' | 'released' | 'expired';
  /** Its time is over, whether or not the sweep has been there. */
  isOver: boolean;
}

export interface ModelQuote {
  readonly token: string;
  readonly from: WalletName;
  readonly to: WalletName;
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  readonly spreadMinor: bigint;
  status: 'open' | 'used' | 'expired';
  conversionId: number | null;
}

/** What is known of the calls under one reference. */
export interface Sends {
  sent: number;
  /** Of those, the ones that may have been carried out. */
  open: number;
}

export interface UsedKey {
  readonly request: string;
  readonly status: number;
  readonly body: string;
  /** Of a deposit whose answer says how it stands. */
  readonly paymentId: number | null;
  isExpired: boolean;
}

/** What the gateway did with a payment, which its book shows. */
export type BookState = 'executed' | 'refused' | undefined;

export const walletKey = ({ userId, currency, name = '' }: WalletName) =>
  `${userId} ${currency} ${name}`.trim();

export function isOfWallet(name: WalletName): (owned: WalletName) => boolean {
  return (owned) => walletKey(owned) === walletKey(name);
}
