import {
  type GatewayDirection,
  isGatewayDirection,
  signedByDirection,
} from '../gateway/answers/named-facts.ts';
import { isKnownCurrency } from '../money/currency.ts';
import { parseAmount } from '../money/decimal-amount.ts';
import type { DifferenceKind, Statement } from './difference.ts';

/** A difference with our current payment, which may have changed since the difference was found. */
export interface DifferenceToPost {
  readonly kind: DifferenceKind;
  readonly theirs: Statement | null;
  /** null if we have no such payment. */
  readonly payment: {
    readonly status: string;
    readonly direction: GatewayDirection;
    readonly amountMinor: bigint;
    readonly currency: string;
  } | null;
}

export type SuspenseDecision =
  /** By currency, how much more the gateway moved than our books say: deposits less withdrawals and refunds, in minor units, never zero. */
  | { readonly kind: 'post'; readonly deltas: ReadonlyMap<string, bigint> }
  | { readonly kind: 'refused'; readonly reason: string };

/** Decides what a posting to suspense must move so that our clearing account agrees with the gateway's book. Pure. */
export function decideSuspense({ kind, theirs, payment }: DifferenceToPost): SuspenseDecision {
  if (payment && (payment.status === 'new' || payment.status === 'unknown'))
    return refuse('the payment is still open, and its outcome must be known first');
  if (kind === 'reference_mismatch') return refuse("the gateway's statement is about another payment");
  if (kind === 'unreadable_line') return refuse('the money of the line is compared like that of any other');
  const deltas = new Map<string, bigint>();
  const add = (currency: string, amountMinor: bigint) =>
    deltas.set(currency, (deltas.get(currency) ?? 0n) + amountMinor);

  if (theirs?.status === 'succeeded') {
    if (theirs.is_uniform === false)
      return refuse('the gateway carried it out several times with different amounts');
    const currency = textOr(theirs.currency, payment?.currency)?.toUpperCase();
    const amountMinor =
      readAmount(theirs.amount, currency) ?? (theirs.amount == null ? payment?.amountMinor : undefined);
    const direction = textOr(theirs.type, payment?.direction);
    if (currency === undefined || amountMinor === undefined || !isGatewayDirection(direction))
      return refuse("the gateway's statement lacks the type, amount or currency");
    add(currency, signedByDirection(direction, amountMinor) * executionCount(kind, theirs));
  }
  if (payment?.status === 'success')
    add(payment.currency, -signedByDirection(payment.direction, payment.amountMinor));

  for (const [currency, delta] of deltas) if (delta === 0n) deltas.delete(currency);
  return deltas.size > 0 ? { kind: 'post', deltas } : refuse('both sides moved the same amount');
}

/** A reported double execution comes in addition to the execution that we know. */
function executionCount(kind: DifferenceKind, { count }: Statement): bigint {
  if (typeof count === 'number') return BigInt(count);
  return kind === 'duplicate' ? 2n : 1n;
}

function readAmount(text: unknown, currency: string | undefined): bigint | undefined {
  if (typeof text !== 'string' || currency === undefined || !isKnownCurrency(currency)) return undefined;
  const parsed = parseAmount(text, currency);
  return parsed.kind === 'amount' && parsed.amountMinor > 0n ? parsed.amountMinor : undefined;
}

function textOr(text: unknown, fallback: string | undefined): string | undefined {
  return typeof text === 'string' ? text : fallback;
}

function refuse(reason: string): SuspenseDecision {
  return { kind: 'refused', reason };
}
