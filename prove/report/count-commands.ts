import type { Tally } from '../processes/tally.ts';
import type { World } from '../world/world.ts';

/** What clients of wallets, holds, transfers and conversions must have been answered at least once, for each kind. */
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
} as const;

export const REQUIRED_OUTCOMES: readonly string[] = [
  ...Object.values(OUTCOMES),
  'hold released or expired',
  'key of a transfer refused for another amount',
];

/** Counts the outcomes of everything but payments, once for each key. */
export function countCommands(
  { commandAnswers, orderHolds }: Pick<World, 'commandAnswers' | 'orderHolds'>,
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
}

function refusedKey(name: string): string | undefined {
  return name === 'transfer idempotency-key-reused'
    ? 'key of a transfer refused for another amount'
    : undefined;
}
