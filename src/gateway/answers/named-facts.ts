import { isKnownCurrency } from '../../money/currency.ts';
import { formatAmount, parseAmount } from '../../money/decimal-amount.ts';

/** The facts in a definite statement of the gateway, as it wrote them; null for those that are missing. */
export interface NamedFacts {
  /** A decimal, as text. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** `deposit` or `withdraw` if the gateway's word means one of them, otherwise its word unchanged. */
  readonly type: string | null;
  /** Our reference for the payment. */
  readonly reference: string | null;
}

/** The direction of the money, in the terms of the gateway contract: a deposit comes in. */
export type GatewayDirection = 'deposit' | 'withdraw';

export function isGatewayDirection(word: unknown): word is GatewayDirection {
  return word === 'deposit' || word === 'withdraw';
}

/** The sign of an amount in the gateway's book: positive comes in, negative goes out. */
export function signedByDirection(direction: GatewayDirection, amountMinor: bigint): bigint {
  return direction === 'deposit' ? amountMinor : -amountMinor;
}

export const NOTHING_NAMED: NamedFacts = { amount: null, currency: null, type: null, reference: null };

/** What the gateway was told to do, as far as it may repeat it. */
export interface ToldFacts {
  /** Our own reference and, at the same time, the idempotency key of every call for this payment. */
  readonly reference: string;
  readonly direction: GatewayDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
}

export interface Mismatch {
  /** `money`: a different amount, currency or direction. `reference`: the statement is about another payment. */
  readonly kind: 'money' | 'reference';
  /** What the gateway said instead, in canonical form. */
  readonly named: string;
}

/**
 * Compares each fact that the gateway states with what it was told. Pure. An amount without a currency is taken to be in the payment's.
 * Facts that it does not state count as matching.
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

/** 50.00 and 50 are the same amount, so that a difference has the same name whoever reports it. */
function canonicalMoney(told: ToldFacts, named: NamedFacts): Pick<NamedFacts, 'amount' | 'currency'> {
  const currency = named.currency?.toUpperCase() ?? null;
  const counted = currency ?? told.currency;
  if (named.amount === null || !isKnownCurrency(counted)) return { amount: named.amount, currency };
  const parsed = parseAmount(named.amount, counted);
  const amount = parsed.kind === 'amount' ? formatAmount(parsed.amountMinor, counted) : named.amount;
  return { amount, currency };
}
