import { askedMinor, payerOf } from '../checks/asked-amount.ts';
import { defaultTerms, feeOn } from '../checks/fees-in-force.ts';
import type { Tally } from '../processes/tally.ts';
import type { PaymentRow, World } from '../world/world.ts';

/** What clients of wallets, holds, transfers and conversions, and operators, must have been answered at least once, for each kind. */
const OUTCOMES = {
  'wallet 201': 'wallet opened in another currency',
  'hold 201': 'money held for an order',
  'capture 200': 'hold captured',
  'transfer 201': 'transfer made',
  'quote 200': 'quote offered',
  'convert 201': 'quote used',
  'convert quote-used': 'used quote refused',
  'convert quote-expired': 'expired quote refused',
  'convert quote-not-found': 'quote of another user refused',
  'freeze 200': 'wallet frozen',
  'unfreeze 200': 'frozen wallet opened again',
  'transfer wallet-frozen': 'transfer out of a frozen wallet refused',
  'hold wallet-frozen': 'hold of a frozen wallet refused',
  'fee 201': 'fee set',
  'end_fee 200': 'fee ended',
} as const;

export const REQUIRED_OUTCOMES: readonly string[] = [
  ...Object.values(OUTCOMES),
  'hold released or expired',
  'key of a transfer refused for another amount',
  'withdrawal from a frozen wallet refused',
  'payment charged by a fee that was set',
];

type Counted = Pick<World, 'answers' | 'commandAnswers' | 'orderHolds' | 'payments'>;

/** Counts the outcomes of everything but payments, once for each key. */
export function countCommands(
  { answers, commandAnswers, orderHolds, payments }: Counted,
  tally: Pick<Tally, 'count'>,
): void {
  const seen = new Set<string>();
  for (const { intent, status, code } of commandAnswers) {
    const name = `${intent.kind} ${code ?? status}`;
    const outcome = OUTCOMES[name as keyof typeof OUTCOMES] ?? refusedKey(name);
    const once = `${name} ${intent.userId} ${intent.key}`;
    if (!outcome || (intent.key !== null && seen.has(once))) continue;
    seen.add(once);
    tally.count(outcome);
  }
  const ended = orderHolds.filter(({ status }) => status === 'released' || status === 'expired');
  tally.count('hold released or expired', ended.length);
  const frozen = answers.filter(
    ({ intent, code, isReplay }) => intent.type === 'withdraw' && code === 'wallet-frozen' && !isReplay,
  );
  tally.count('withdrawal from a frozen wallet refused', frozen.length);
  tally.count('payment charged by a fee that was set', payments.filter(isChargedOtherwise).length);
}

/** A fee that the settings do not make of this amount, or that somebody else pays. */
function isChargedOtherwise(payment: PaymentRow): boolean {
  if (payment.type === 'refund') return false;
  const usual = defaultTerms(payment.type === 'deposit' ? 'deposit' : 'withdrawal');
  return payment.feeMinor !== feeOn(askedMinor(payment), usual) || payerOf(payment) !== usual.payer;
}

function refusedKey(name: string): string | undefined {
  return name === 'transfer idempotency-key-reused'
    ? 'key of a transfer refused for another amount'
    : undefined;
}
