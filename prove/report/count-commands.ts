import { askedMinor, payerOf } from '../checks/asked-amount.ts';
import { defaultTerms, feeOn } from '../checks/fees-in-force.ts';
import { isSuccess } from '../load/client.ts';
import type { CommandIntent } from '../load/client-journal.ts';
import type { Tally } from '../processes/tally.ts';
import type { OrderHoldRow, PaymentRow, World } from '../world/world.ts';

/** What clients of wallets, holds, transfers and conversions, and operators, must have been answered at least once, for each kind. */
const OUTCOMES = {
  'wallet 201': 'wallet opened in another currency',
  'hold 201': 'money held for an order',
  'capture 200': 'hold captured',
  'release 200': 'hold released',
  'hold order-held-differently': 'order held of another wallet refused',
  'capture hold-ended': 'capture of an ended hold refused',
  'release hold-ended': 'release of an ended hold refused',
  'wallet wallet-name-taken': 'name of a wallet refused',
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

const HOLD_OUTCOMES = [
  'money held of a wallet with a name',
  'captured to a wallet with a name',
  'captured in part',
  'hold expired',
  'hold expired after a part was captured',
  'hold of a wallet with a name ended',
] as const;

export const REQUIRED_OUTCOMES: readonly string[] = [
  ...Object.values(OUTCOMES),
  ...HOLD_OUTCOMES,
  'key of a transfer refused for another amount',
  'withdrawal from a frozen wallet refused',
  'payment charged by a fee that was set',
];

type Counted = Pick<World, 'accounts' | 'answers' | 'commandAnswers' | 'orderHolds' | 'payments'>;

/** Counts the outcomes of everything but payments, once for each key. */
export function countCommands(
  { accounts, answers, commandAnswers, orderHolds, payments }: Counted,
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
    if (isSuccess({ status })) for (const detail of detailsOf(intent)) tally.count(detail);
  }
  countEndings({ accounts, orderHolds }, tally);
  const frozen = answers.filter(
    ({ intent, code, isReplay }) => intent.type === 'withdraw' && code === 'wallet-frozen' && !isReplay,
  );
  tally.count('withdrawal from a frozen wallet refused', frozen.length);
  tally.count('payment charged by a fee that was set', payments.filter(isChargedOtherwise).length);
}

/** What is asked of wallets with names, and in parts. */
function detailsOf({ kind, path, body }: CommandIntent): (typeof HOLD_OUTCOMES)[number][] {
  const isNamed = /\/wallets\/\d+\/hold$/.test(path) || body.wallet_id !== undefined;
  return [
    ...(kind === 'hold' && isNamed ? (['money held of a wallet with a name'] as const) : []),
    ...(kind === 'capture' && body.to_wallet_id !== undefined
      ? (['captured to a wallet with a name'] as const)
      : []),
    ...(kind === 'capture' && body.final === false ? (['captured in part'] as const) : []),
  ];
}

/** What became of holds, by the rows. */
function countEndings(
  { accounts, orderHolds }: Pick<Counted, 'accounts' | 'orderHolds'>,
  tally: Pick<Tally, 'count'>,
): void {
  const named = new Set(accounts.filter(({ name }) => name !== '').map(({ id }) => id));
  const count = (outcome: (typeof HOLD_OUTCOMES)[number], counts: (hold: OrderHoldRow) => boolean) =>
    tally.count(outcome, orderHolds.filter(counts).length);
  count('hold expired', ({ status }) => status === 'expired');
  count(
    'hold expired after a part was captured',
    ({ status, capturedMinor }) => status === 'expired' && capturedMinor > 0n,
  );
  count(
    'hold of a wallet with a name ended',
    ({ status, walletId }) => status !== 'open' && named.has(walletId),
  );
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
