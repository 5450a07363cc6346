import { formatAmount } from '../../src/money/decimal-amount.ts';
import { keyNameOf, readDone } from '../checks/command-bodies.ts';
import { readBookSides } from '../checks/i7-books-agree.ts';
import { readPositions } from '../checks/i12-quotes-are-used-once.ts';
import { readAcceptance } from '../load/client.ts';
import type { Tally } from '../processes/tally.ts';
import type { AccountRow, World } from '../world/world.ts';
import { countAnswers, countCommandAnswers } from './count-answers.ts';
import type { Verdict } from './judge.ts';
import { tellStory } from './tell-story.ts';

export interface ReportOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly world: World;
  readonly tally: Tally;
  readonly verdict: Verdict;
}

const NAME_WIDTH = 52;

/** The report of a run. */
export function renderReport({ seed, durationMs, world, tally, verdict }: ReportOptions): string {
  const kills = [...tally.failpointHits()].sort(([a], [b]) => a.localeCompare(b));
  const lines = [
    '',
    line('seed', seed),
    line('duration', seconds(durationMs)),
    '',
    'Trouble made',
    ...[...tally.counts()].map(([name, count]) => line(name, count)),
    line('killed at a failpoint', tally.killsAtFailpoints()),
    ...kills.map(([name, count]) => line(`  ${name}`, count)),
    '',
    'Payment requests, by answer',
    ...[...countAnswers(world.answers)].map(([name, count]) => line(name, count)),
    '',
    'Other requests, by answer',
    ...[...countCommandAnswers(world.commandAnswers)].map(([name, count]) => line(name, count)),
    '',
    'Payments, by status',
    ...countStatuses(world).map(([name, count]) => line(name, count)),
    '',
    'The proof',
    ...describeProof(world),
    ...[...tally.slowestMs()].map(([what, ms]) => line(`slowest recovery of a ${what}`, seconds(ms))),
    line('slowest payment, accepted to final', seconds(slowestPaymentMs(world))),
    '',
    ...describeVerdict({ seed, world, verdict }),
  ];
  return `${lines.join('\n')}\n`;
}

function describeProof(world: World): string[] {
  const payments = new Set(world.payments.map(({ id }) => id));
  const seen = new Set(world.answers.flatMap((answer) => readAcceptance(answer)?.paymentId ?? []));
  const found = [...seen].filter((id) => payments.has(id)).length;
  const references = new Set(world.book.map(({ reference }) => reference));
  return [
    line('payments answered 2xx, found in the ledger', `${found} of ${seen.size}`),
    ...describeCommands(world),
    ...readBookSides(world).map(({ currency, ledgerMinor, gatewayMinor }) =>
      line(
        `ledger and gateway's book, ${currency}`,
        `${formatAmount(ledgerMinor, currency)} and ${formatAmount(gatewayMinor, currency)}`,
      ),
    ),
    line(
      'payments that succeeded, and executions in the book',
      `${world.payments.filter(({ status }) => status === 'success').length} and ${world.book.length}`,
    ),
    line('duplicates found', world.book.length - references.size),
    line('lost', seen.size - found),
  ];
}

/** Of what clients saw done, how much the database has; and what converting has left with the house. */
function describeCommands(world: World): string[] {
  const { commandAnswers, commandKeys } = world;
  const kept = new Map(commandKeys.map(({ userId, key, status }) => [`${userId} ${key}`, status]));
  const tokens = new Set(world.quotes.map(({ token }) => token));
  const kinds = [
    ['wallets', ['wallet']],
    ['holds, captures and releases', ['hold', 'capture', 'release']],
    ['transfers', ['transfer']],
    ['conversions', ['convert']],
  ] as const;
  const quotes = new Set(readDone(commandAnswers, 'quote').map(({ body }) => String(body.quote_id)));
  return [
    ...kinds.map(([name, of]) => {
      const done = readDone(commandAnswers, ...of);
      const keys = new Map(done.map(({ answer }) => [keyNameOf(answer.intent), answer.status]));
      const found = [...keys].filter(([key, status]) => kept.get(key) === status).length;
      return line(`${name} answered 2xx, found`, `${found} of ${keys.size}`);
    }),
    line(
      'quotes answered 2xx, found',
      `${[...quotes].filter((token) => tokens.has(token)).length} of ${quotes.size}`,
    ),
    ...describeHeld(world),
    ...readPositions(world).map(({ currency, ledgerMinor, quotedMinor }) =>
      line(
        `position in ${currency}, ledger and quotes`,
        `${formatAmount(ledgerMinor, currency)} and ${formatAmount(quotedMinor, currency)}`,
      ),
    ),
    ...readTotals(world).map(({ currency, totalMinor }) =>
      line(`all accounts in ${currency} together`, formatAmount(totalMinor, currency)),
    ),
  ];
}

/** How much is held of wallets without a name and of those with one, and how much is open of holds and payments. */
function describeHeld({ accounts, holds }: World): string[] {
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, each) => total + each, 0n);
  const wallets = accounts.filter(({ userId, heldMinor }) => userId !== null && heldMinor > 0n);
  const kindOf = ({ name }: Pick<AccountRow, 'name'>) => (name === '' ? 'without a name' : 'with a name');
  const groups = Map.groupBy(wallets, (wallet) => `${wallet.currency}, wallets ${kindOf(wallet)}`);
  return [...groups].toSorted().map(([group, some]) => {
    const [currency] = group.split(',') as [string];
    const ids = new Set(some.map(({ id }) => id));
    const open = holds.filter(({ accountId }) => ids.has(accountId));
    const [stored, held] = [
      some.map(({ heldMinor }) => heldMinor),
      open.map(({ amountMinor }) => amountMinor),
    ];
    return line(
      `held in ${group}, and their holds`,
      `${formatAmount(sum(stored), currency)} and ${formatAmount(sum(held), currency)}`,
    );
  });
}

/** Nothing is made of nothing: the entries of all accounts of a currency sum to zero. */
function readTotals({ accounts, entries }: World) {
  const currencyOf = new Map(accounts.map(({ id, currency }) => [id, currency]));
  const totals = new Map<string, bigint>();
  for (const { accountId, amountMinor } of entries) {
    const currency = currencyOf.get(accountId);
    if (currency) totals.set(currency, (totals.get(currency) ?? 0n) + amountMinor);
  }
  return [...totals].toSorted().map(([currency, totalMinor]) => ({ currency, totalMinor }));
}

function describeVerdict({
  seed,
  world,
  verdict,
}: Pick<ReportOptions, 'seed' | 'world' | 'verdict'>): string[] {
  switch (verdict.kind) {
    case 'proved':
      return ['PROVED'];
    case 'not_proved':
      return [
        'NOT PROVED',
        ...verdict.reasons.map((reason) => `  ${reason}`),
        `Run it again: npm run prove -- --seed ${seed}`,
      ];
    case 'violated': {
      const { violation, count } = verdict;
      return [
        `VIOLATED ${violation.invariant}: ${violation.detail}`,
        ...(count > 1 ? [`  and ${count - 1} more`] : []),
        ...(violation.paymentId === null ? [] : tellStory(world, violation.paymentId)),
        `Run it again: npm run prove -- --seed ${seed}`,
      ];
    }
  }
}

function countStatuses({ payments, deadLetters }: World): [string, number][] {
  const counts = new Map<string, number>();
  for (const { status } of payments) counts.set(status, (counts.get(status) ?? 0) + 1);
  const poisoned = deadLetters.filter(({ reason }) => reason === 'poison').length;
  return [
    ...counts,
    ['redriven as new payments', payments.filter(({ redriveOf }) => redriveOf !== null).length],
    ['dead letters', deadLetters.length],
    ['  poison', poisoned],
  ];
}

function slowestPaymentMs({ payments }: World): number {
  return payments.reduce(
    (slowest, { createdAt, updatedAt, status }) =>
      status === 'success' ? Math.max(slowest, updatedAt.getTime() - createdAt.getTime()) : slowest,
    0,
  );
}

function line(name: string, value: string | number): string {
  return `  ${name.padEnd(NAME_WIDTH)} ${value}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
