import type { QuoteRow, Violation, World } from '../world/world.ts';
import { keyNameOf, readDone } from './command-bodies.ts';
import { findStrangers, readPostings, sayPosting } from './postings.ts';

/**
 * I12. A quote is used at most once, by its user, and before it expires; both amounts are those that were quoted. What was never used moved
 * nothing, and what the house has of each currency for having converted is what the quotes say.
 */
export function checkQuotesAreUsedOnce(world: World): Violation[] {
  return [...checkPostings(world), ...checkUses(world), ...checkPositions(world)];
}

function checkPostings(world: World): Violation[] {
  const postings = readPostings(world);
  const idOf = new Map(
    // Clients convert between wallets without a name.
    world.accounts
      .filter(({ name }) => name === '')
      .map(({ id, userId, kind, currency }) => [`${userId ?? kind} ${currency}`, id]),
  );
  const used = world.quotes.filter(({ usedAt }) => usedAt !== null);
  return [
    ...used.flatMap((quote) => {
      const expected = expectedPosting(quote, idOf);
      const found = postings.of(`conversion:${quote.id}`);
      if (found.length === 1 && found[0] === expected) return [];
      return [violation(`quote ${quote.id} was used and posted [${found.join('; ')}] and not [${expected}]`)];
    }),
    ...findStrangers(postings.references, { kind: 'conversion', ids: used.map(({ id }) => id) }).map(
      (reference) => violation(`${reference} was posted, and its quote was never used`),
    ),
  ];
}

function expectedPosting(quote: QuoteRow, idOf: ReadonlyMap<string, bigint>): string {
  const { userId, fromCurrency, toCurrency, fromMinor, toMinor, spreadMinor } = quote;
  const leg = (owner: string | bigint, currency: string, amountMinor: bigint) => ({
    accountId: idOf.get(`${owner} ${currency}`),
    amountMinor,
  });
  return sayPosting('settle', [
    leg(userId, fromCurrency, -fromMinor),
    leg('fx', fromCurrency, fromMinor - spreadMinor),
    leg('fee', fromCurrency, spreadMinor),
    leg('fx', toCurrency, -toMinor),
    leg(userId, toCurrency, toMinor),
  ]);
}

/** What clients heard of each quote that they took, and when. */
function checkUses({ commandAnswers, quotes }: World): Violation[] {
  const quoteOf = new Map(quotes.map((quote) => [quote.token, quote]));
  const done = readDone(commandAnswers, 'convert');
  const late = quotes.filter(({ usedAt, expiresAt }) => usedAt !== null && usedAt >= expiresAt);
  return [
    ...late.map(({ id }) => violation(`quote ${id} was used after it had expired`)),
    ...[...Map.groupBy(done, ({ body }) => String(body.quote_id))].flatMap(([token, same]) => {
      const keys = new Set(same.map(({ answer }) => keyNameOf(answer.intent)));
      return keys.size === 1
        ? []
        : [violation(`quote ${token} was used by ${keys.size} keys: ${[...keys].join(', ')}`)];
    }),
    ...done.flatMap(({ answer, body }) => {
      const owner = quoteOf.get(body.quote_id)?.userId;
      if (owner === undefined || owner === answer.intent.userId) return [];
      return [
        violation(`user ${answer.intent.userId} used quote ${body.quote_id}, which is one of user ${owner}`),
      ];
    }),
  ];
}

/** What came in and went out through `fx`, by the ledger and by the quotes that were used. */
export interface Position {
  readonly currency: string;
  readonly ledgerMinor: bigint;
  readonly quotedMinor: bigint;
}

export function readPositions({ accounts, entries, quotes }: World): Position[] {
  const used = quotes.filter(({ usedAt }) => usedAt !== null);
  const fx = accounts.filter(({ kind }) => kind === 'fx');
  const currencies = new Set([
    ...fx.map(({ currency }) => currency),
    ...used.flatMap(({ fromCurrency, toCurrency }) => [fromCurrency, toCurrency]),
  ]);
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  return [...currencies].toSorted().map((currency) => {
    const ids = new Set(fx.filter((account) => account.currency === currency).map(({ id }) => id));
    return {
      currency,
      ledgerMinor: sum(
        entries.filter(({ accountId }) => ids.has(accountId)).map(({ amountMinor }) => amountMinor),
      ),
      quotedMinor: sum(
        used.map(
          ({ fromCurrency, toCurrency, fromMinor, spreadMinor, toMinor }) =>
            (fromCurrency === currency ? fromMinor - spreadMinor : 0n) -
            (toCurrency === currency ? toMinor : 0n),
        ),
      ),
    };
  });
}

function checkPositions(world: World): Violation[] {
  return readPositions(world)
    .filter(({ ledgerMinor, quotedMinor }) => ledgerMinor !== quotedMinor)
    .map(({ currency, ledgerMinor, quotedMinor }) =>
      violation(
        `the account fx in ${currency} has ${ledgerMinor}, and the quotes that were used say ${quotedMinor}`,
      ),
    );
}

function violation(detail: string): Violation {
  return { invariant: 'I12', paymentId: null, detail };
}
