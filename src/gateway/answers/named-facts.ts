import { isKnownCurrency } from '../../money/currency.ts';
import { formatAmount, parseAmount } from '../../money/decimal-amount.ts';

/** What the gateway names in a definite word about a payment, each as it wrote it; null for what it does not name. */
export interface NamedFacts {
  /** A decimal, as text. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** `deposit` or `withdraw` where the gateway's word means one of them, and that word itself where it means neither. */
  readonly type: string | null;
  /** Our reference of the payment. */
  readonly reference: string | null;
}

/** Which way the money goes, in the words of the contract with the gateway: a deposit comes in. */
export type GatewayDirection = 'deposit' | 'withdraw';

export function isGatewayDirection(word: unknown): word is GatewayDirection {
  return word === 'deposit' || word === 'withdraw';
}

/** What comes in less what goes out: the sign of an amount in the gateway's book. */
export function signedByDirection(direction: GatewayDirection, amountMinor: bigint): bigint {
  return direction === 'deposit' ? amountMinor : -amountMinor;
}

export const NOTHING_NAMED: NamedFacts = { amount: null, currency: null, type: null, reference: null };

/** What the gateway was told to do, as far as it may name it. */
export interface ToldFacts {
  /** Our own reference and, at the same time, the idempotency key of every call for this payment. */
  readonly reference: string;
  readonly direction: GatewayDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
}

export interface Mismatch {
  /** `money`: another amount, currency or direction. `reference`: the word is about another payment. */
  readonly kind: 'money' | 'reference';
  /** What the gateway named instead, in one form for one meaning. */
  readonly named: string;
}

/**
 * Compares each fact that the gateway names with what it was told. Pure. An amount without a currency is one in the payment's.
 * What it does not name is believed.
 */
export function compareNamed(told: ToldFacts, named: NamedFacts): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const isOtherType = named.type !== null && named.type !== told.direction;
  if (isOtherType || !isSameMoney(told, named)) {
    const { amount, currency } = canonicalMoney(told, named);
    const parts = [amount ?? '?', currency ?? '?', ...(isOtherType ? [named.type] : [])];
    mismatches.push({ kind: 'money', named: parts.join(' ') });
  }
  if (named.reference !== null && named.reference !== told.reference)
    mismatches.push({ kind: 'reference', named: named.reference });
  return mismatches;
}

function isSameMoney({ amountMinor, currency }: ToldFacts, named: NamedFacts): boolean {
  if (named.currency !== null && named.currency.toUpperCase() !== currency) return false;
  if (named.amount === null) return true;
  const parsed = parseAmount(named.amount, currency);
  return parsed.kind === 'amount' && parsed.amountMinor === amountMinor;
}

/** 50.00 and 50 are one amount, so that one difference has one name, whoever reports it. */
function canonicalMoney(told: ToldFacts, named: NamedFacts): Pick<NamedFacts, 'amount' | 'currency'> {
  const currency = named.currency?.toUpperCase() ?? null;
  const counted = currency ?? told.currency;
  if (named.amount === null || !isKnownCurrency(counted)) return { amount: named.amount, currency };
  const parsed = parseAmount(named.amount, counted);
  const amount = parsed.kind === 'amount' ? formatAmount(parsed.amountMinor, counted) : named.amount;
  return { amount, currency };
}
