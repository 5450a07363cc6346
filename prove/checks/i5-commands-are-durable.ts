import type { CommandAnswer } from '../load/client-journal.ts';
import type { Violation, World } from '../world/world.ts';
import { type DoneCommand, keyNameOf, readDone } from './command-bodies.ts';
import { compareFees } from './i5-fees-are-durable.ts';
import { compareHolds } from './i5-holds-are-durable.ts';

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
    return (
      found && {
        ...{ user_id: String(found.userId), currency: found.currency },
        // A wallet without a name has null there.
        name: found.name === '' ? 'null' : found.name,
      }
    );
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
  'wallet-name-taken',
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
