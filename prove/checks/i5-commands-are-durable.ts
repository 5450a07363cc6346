import type { CommandAnswer } from '../load/client-journal.ts';
import type { OrderHoldRow, Violation, World } from '../world/world.ts';
import { type DoneCommand, keyNameOf, readDone } from './command-bodies.ts';
import { compareFees } from './i5-fees-are-durable.ts';

/**
 * I5 for everything but payments: every wallet, hold, transfer, quote and conversion that a client saw is in the database with the same
 * content, a capture or release has happened to its hold, and answers that are kept with a key are the same bytes each time.
 */
export function checkCommandsAreDurable(world: World): Violation[] {
  const { commandAnswers } = world;
  return [
    ...compareEach(readDone(commandAnswers, 'wallet'), findWallet(world)),
    ...compareEach(readDone(commandAnswers, 'transfer'), findTransfer(world)),
    ...compareEach(readDone(commandAnswers, 'quote', 'convert'), findQuote(world)),
    ...compareHolds(world),
    ...compareFees(world),
    ...compareReplays(commandAnswers),
  ];
}

/** A row as the answer about it must have it: these members, with these values. */
type Expected = Readonly<Record<string, string>> | undefined;

function compareEach(done: readonly DoneCommand[], find: (command: DoneCommand) => Expected): Violation[] {
  return done.flatMap((command) => {
    const { intent, status, body: text } = command.answer;
    const row = find(command);
    const seen = `a client saw ${status} ${text} for its ${intent.kind}`;
    if (!row) return [violation(`${seen}, which does not exist`)];
    const wrong = Object.entries(row).filter(([name, value]) => String(command.body[name]) !== value);
    return wrong.map(([name, value]) => violation(`${seen}, and its ${name} is ${value}`));
  });
}

function findWallet({ accounts }: World) {
  const rows = new Map(accounts.map((account) => [String(account.id), account]));
  return ({ body }: DoneCommand): Expected => {
    const found = rows.get(String(body.id));
    return found && { user_id: String(found.userId), currency: found.currency };
  };
}

function findTransfer({ transfers }: World) {
  const rows = new Map(transfers.map((transfer) => [String(transfer.id), transfer]));
  return ({ body }: DoneCommand): Expected => {
    const found = rows.get(String(body.transfer_id));
    return (
      found && {
        user_id: String(found.userId),
        from_wallet_id: String(found.fromWalletId),
        to_wallet_id: String(found.toWalletId),
        amount_minor: String(found.amountMinor),
        commission_minor: String(found.feeMinor),
        fee_payer: found.feePayer,
        currency: found.currency,
      }
    );
  };
}

/** A conversion has the amounts of its quote, and the quote has been used. */
function findQuote({ quotes }: World) {
  const rows = new Map(quotes.map((quote) => [quote.token, quote]));
  return ({ body, answer }: DoneCommand): Expected => {
    const found = rows.get(body.quote_id);
    const isConversion = answer.intent.kind === 'convert';
    if (!found || (isConversion && found.usedAt === null)) return undefined;
    return {
      user_id: String(found.userId),
      from: found.fromCurrency,
      to: found.toCurrency,
      amount_minor: String(found.fromMinor),
      to_amount_minor: String(found.toMinor),
      spread_minor: String(found.spreadMinor),
      ...(isConversion ? { conversion_id: String(found.id) } : {}),
    };
  };
}

/** An answer about a hold tells how it was once. What was captured never becomes less, and what has ended stays as it ended. */
function compareHolds({ commandAnswers, commandKeys, orderHolds, steps, entries }: World): Violation[] {
  const holdOf = new Map(orderHolds.map((hold) => [hold.id, hold]));
  const idOf = new Map<string, bigint>(
    commandKeys.flatMap(({ userId, key, kind, resourceId }) =>
      kind === 'order_hold' ? [[`${userId} ${key}`, resourceId] as const] : [],
    ),
  );
  const capturedOf = readCaptured({ orderHolds, steps, entries });
  return readDone(commandAnswers, 'hold', 'capture', 'release').flatMap(({ answer, body }) => {
    const seen = `a client saw ${answer.status} ${answer.body} for its ${answer.intent.kind}`;
    const hold = holdOf.get(idOf.get(keyNameOf(answer.intent)) ?? -1n);
    if (!hold) return [violation(`${seen}, and its key leads to no hold`)];
    return describeLost(hold, body, capturedOf.get(hold.id) ?? []).map((problem) =>
      violation(`${seen}, and ${problem}`),
    );
  });
}

function describeLost(
  hold: OrderHoldRow,
  body: Readonly<Record<string, string>>,
  captured: readonly bigint[],
) {
  const told = (name: string) => BigInt(body[name] ?? -1);
  const isSame = told('amount_minor') === hold.amountMinor && body.currency === hold.currency;
  const wasCaptured = [0n, ...captured].includes(told('captured_minor'));
  const hasEndedSo =
    body.status === 'open' ||
    (body.status === hold.status &&
      told('captured_minor') === hold.capturedMinor &&
      told('released_minor') === hold.releasedMinor);
  return [
    ...(isSame ? [] : [`hold ${hold.id} is of ${hold.amountMinor} ${hold.currency}`]),
    ...(wasCaptured ? [] : [`hold ${hold.id} was captured up to ${captured.join(', ') || 'nothing'}`]),
    ...(hasEndedSo
      ? []
      : [
          `hold ${hold.id} is ${hold.status}, with ${hold.capturedMinor} captured and ${hold.releasedMinor} released`,
        ]),
  ];
}

/** What had been captured of each hold after each of its captures, by what was posted. */
function readCaptured({
  orderHolds,
  steps,
  entries,
}: Pick<World, 'orderHolds' | 'steps' | 'entries'>): Map<bigint, bigint[]> {
  const takenBy = new Map(
    entries.map(({ transactionId, accountId, amountMinor }) => [
      `${transactionId} ${accountId}`,
      -amountMinor,
    ]),
  );
  const stepsOf = Map.groupBy(steps, ({ reference }) => reference);
  return new Map(
    orderHolds.map(({ id, walletId }) => {
      const amounts = (stepsOf.get(`hold:${id}`) ?? [])
        .toSorted((a, b) => numberOf(a.step) - numberOf(b.step))
        .map((step) => takenBy.get(`${step.id} ${walletId}`) ?? 0n);
      return [
        id,
        amounts.map((_, index) => amounts.slice(0, index + 1).reduce((sum, each) => sum + each, 0n)),
      ];
    }),
  );
}

/** `capture:2` is the second one. */
function numberOf(step: string): number {
  return Number(step.split(':')[1]);
}

/** Refusals that are stored with a key, too. */
const KEPT_REFUSALS: ReadonlySet<string | null> = new Set([
  'hold-ended',
  'hold-not-funded',
  'capture-exceeds-hold',
  'order-held-differently',
  'transfer-not-funded',
  'quote-used',
  'quote-expired',
  'conversion-not-funded',
  'wallet-frozen',
]);

function compareReplays(answers: readonly CommandAnswer[]): Violation[] {
  const kept = answers.filter(
    ({ intent, status, code }) =>
      intent.key !== null && status !== null && (status < 300 || KEPT_REFUSALS.has(code)),
  );
  return [...Map.groupBy(kept, ({ intent }) => keyNameOf(intent))].flatMap(([key, same]) => {
    const bodies = new Set(same.map(({ status, body }) => `${status} ${body}`));
    if (bodies.size === 1) return [];
    return [
      violation(
        `the key (user and key: ${key}) was answered in ${bodies.size} ways: ${[...bodies].join(' | ')}`,
      ),
    ];
  });
}

function violation(detail: string): Violation {
  return { invariant: 'I5', paymentId: null, detail };
}
