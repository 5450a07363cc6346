import { currencyScale } from '../../money/currency.ts';
import { formatAmount } from '../../money/decimal-amount.ts';

/** One request of the demo: its kind and what is sent. */
export interface DemoRequest {
  readonly kind: 'deposit' | 'withdrawal' | 'replay' | 'overdraw';
  readonly path: string;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The shares of each kind; the rest are deposits, so that wallets do not run dry. */
const WITHDRAWALS = 0.4;
const REPLAYS = 0.05;
const OVERDRAWS = 0.03;
const MORE_THAN_ANYBODY_HAS = 10_000_000;

/**
 * Draws the next request of a mixed trickle. Pure except for `draw`.
 * @param draw returns numbers from 0 up to but not including 1.
 */
export function drawRequest({
  draw,
  userIds,
  currency,
  key,
  earlier,
}: {
  readonly draw: () => number;
  readonly userIds: readonly number[];
  /** The currency of the users' wallets. */
  readonly currency: string;
  readonly key: string;
  /** Requests that were sent before, and may be replayed. */
  readonly earlier: readonly DemoRequest[];
}): DemoRequest {
  const share = draw();
  const user_id = userIds[Math.floor(draw() * userIds.length)];
  // Draw in the currency's minor units: half a yen would be refused.
  const unitMinor = 10 ** currencyScale(currency);
  const amount = formatAmount(BigInt(unitMinor + Math.floor(draw() ** 3 * 200 * unitMinor)), currency);
  const again = earlier[Math.floor(draw() * earlier.length)];
  if (share < REPLAYS && again) return { ...again, kind: 'replay' };
  if (share < REPLAYS + OVERDRAWS)
    return { kind: 'overdraw', path: 'withdraw', key, body: { user_id, amount: MORE_THAN_ANYBODY_HAS } };
  if (share < REPLAYS + OVERDRAWS + WITHDRAWALS)
    return { kind: 'withdrawal', path: 'withdraw', key, body: { user_id, amount } };
  return { kind: 'deposit', path: 'deposit', key, body: { user_id, deposit: amount } };
}
