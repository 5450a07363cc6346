import type { Currency } from './currencies.ts';

export type FeeKind = 'deposit' | 'withdrawal' | 'transfer';
export type FeePayer = 'sender' | 'recipient';

/** On what terms a fee is charged; amounts in minor units. */
export interface FeeTerms {
  /** In ten-thousandths of a percent. */
  readonly share: bigint;
  readonly fixed: bigint;
  readonly least: bigint | null;
  readonly most: bigint | null;
  readonly payer: FeePayer;
}

/** A row of the schedule. */
export interface ModelFee extends FeeTerms {
  readonly id: number;
  readonly kind: FeeKind;
  /** null: every currency without a row of its own. */
  readonly currency: Currency | null;
}

/** What an amount comes to with its fee. */
export interface Charge {
  readonly fee: bigint;
  readonly payer: FeePayer;
  /** What leaves the sender. */
  readonly gives: bigint;
  /** What reaches the recipient. */
  readonly gets: bigint;
}

const ONE_PERCENT = 10_000n;
/** What the settings charge where the schedule says nothing: as much as TRANSACTION_FEE, and nothing for a transfer. */
export const DEFAULT_PERCENT = '2.5';
const DEFAULT_SHARE = 25_000n;

/** Who pays where nobody says so: the wallet, and of two wallets the one that gives. */
export const usualPayer = (kind: FeeKind): FeePayer => (kind === 'deposit' ? 'recipient' : 'sender');

/** The terms that hold now: those of the currency, or else those of every currency, or else the default. */
export function termsOf(
  fees: readonly ModelFee[],
  { kind, currency }: { readonly kind: FeeKind; readonly currency: Currency },
): FeeTerms {
  const rows = fees.filter((fee) => fee.kind === kind);
  const found = rows.find((fee) => fee.currency === currency) ?? rows.find((fee) => fee.currency === null);
  const share = kind === 'transfer' ? 0n : DEFAULT_SHARE;
  return found ?? { share, fixed: 0n, least: null, most: null, payer: usualPayer(kind) };
}

/** What an amount costs; undefined where the fee leaves the recipient too little. */
export function charge(kind: FeeKind, terms: FeeTerms, amount: bigint): Charge | undefined {
  const fee = feeOn(amount, terms);
  const { payer } = terms;
  if (payer === 'sender') return { fee, payer, gives: amount + fee, gets: amount };
  const left = amount - fee;
  // The wallet of a deposit may be left with nothing.
  const isEnough = kind === 'deposit' ? left >= 0n : left > 0n;
  return isEnough ? { fee, payer, gives: amount, gets: left } : undefined;
}

/** The share, half a minor unit goes up, and the fixed part; never less than the one bound nor more than the other. */
function feeOn(amount: bigint, { share, fixed, least, most }: FeeTerms): bigint {
  const whole = 100n * ONE_PERCENT;
  const fee = (amount * share + whole / 2n) / whole + fixed;
  if (least !== null && fee < least) return least;
  return most !== null && fee > most ? most : fee;
}

/** A share as people write it: `1.75`. */
export function percentOf(share: bigint): string {
  const decimals = (share % ONE_PERCENT).toString().padStart(4, '0').replace(/0+$/, '');
  return `${share / ONE_PERCENT}${decimals === '' ? '' : `.${decimals}`}`;
}
