import { strict as assert } from 'node:assert';
import type { CommandKind } from '../../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../../commands/create-executor.ts';
import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { writeEvents } from '../../events/write-events.sql.ts';
import type { StoredResponse } from '../../idempotency/used-key.ts';
import type { FrozenCredits } from '../../ledger/decide-wallet-state.ts';
import { postToLedger } from '../../ledger/post-to-ledger.ts';
import { findSystemAccountsOf, type SystemAccounts } from '../../ledger/system-accounts.ts';
import { eventOfConversion } from './conversion-event.ts';
import { conversionPosting } from './conversion-posting.ts';
import {
  type ConversionFacts,
  type ConversionOutcome,
  type ConversionToWrite,
  type ConvertRequest,
  type DecidedConversion,
  decideConversion,
} from './decide-conversion.ts';
import { lockAndReadPositions } from './lock-positions.sql.ts';
import { isMarked, lockAndReadQuotes, markRefused, markUsed } from './use-quotes.sql.ts';

export interface ConvertOptions {
  readonly responseTtlMs: number;
  readonly frozenCredits: FrozenCredits;
  /** How much of a currency may be owned or owed by converting, in minor units, by currency. */
  readonly positionLimits: ReadonlyMap<string, bigint>;
  /** Turns an outcome into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (
    request: Pick<ConvertRequest, 'quote' | 'path'>,
    outcome: ConversionOutcome,
    usedAt: string,
  ) => StoredResponse;
}

export type Converter = Executor<ConvertRequest, DecidedConversion>;

type Accounts = ReadonlyMap<string, SystemAccounts>;

/** Takes quotes: the quote is used, and money moves between two wallets of its user, in one transaction. */
export function createConverter(options: ConvertOptions & ExecutorOptions): Converter {
  return createExecutor(conversion(options), options);
}

function conversion({
  responseTtlMs,
  frozenCredits,
  positionLimits,
  renderResponse,
}: ConvertOptions): CommandKind<
  ConvertRequest,
  ConversionFacts,
  ConversionToWrite,
  DecidedConversion,
  Accounts
> {
  /** The positions that a batch may change, as far as they have a limit. */
  const limitsOf = (requests: readonly ConvertRequest[], accounts: Accounts) =>
    currenciesOf(requests).flatMap((currency) => {
      const limitMinor = positionLimits.get(currency);
      return limitMinor === undefined
        ? []
        : [{ currency, limitMinor, accountId: accountsIn(accounts, currency).fx }];
    });

  return {
    failpoints: { beforeCommit: 'convert.before_commit', afterCommit: 'convert.after_commit' },
    keyOf: ({ quote, idempotency }) => idempotency && { ...idempotency, scope: quote.userId },
    fundsOf: ({ quote }) => ({ walletId: quote.fromWalletId }),
    // The other wallet changes, too. Locked later, it could be in the way of a conversion that goes back.
    alsoLocks: ({ quote }) => [{ walletId: quote.toWalletId }],
    prepare: (pool, requests) => findSystemAccountsOf(pool, currenciesOf(requests)),
    async read(transaction, requests, accounts) {
      const [positions, read] = await sentTogether([
        lockAndReadPositions(transaction, limitsOf(requests, accounts)),
        lockAndReadQuotes(transaction, requests, { responseTtlMs }),
      ]);
      return read.map(({ facts, ...other }) => ({ ...other, facts: { ...facts, positions } }));
    },
    decide: (request, { facts }, neighbours) =>
      decideConversion(request, facts, {
        ...neighbours,
        frozenCredits,
        render: (outcome, usedAt) => renderResponse(request, outcome, usedAt),
      }),
    write: writeConversions,
    isWritten: isMarked,
  };
}

function currenciesOf(requests: readonly ConvertRequest[]): string[] {
  return [...new Set(requests.flatMap(({ quote }) => [quote.fromCurrency, quote.toCurrency]))];
}

function accountsIn(accounts: Accounts, currency: string): SystemAccounts {
  const found = accounts.get(currency);
  assert(found, `the system accounts in ${currency} were not asked for`);
  return found;
}

async function writeConversions(
  transaction: Transaction,
  rows: readonly ConversionToWrite[],
  accounts: Accounts,
): Promise<void> {
  const used = rows.filter((row) => row.kind === 'used');
  const refused = rows.filter((row) => row.kind === 'refused');
  await sentTogether([
    // First: once it is used, a quote is never changed again.
    markRefused(transaction, refused),
    markUsed(transaction, used),
    postToLedger(
      transaction,
      used.map(({ quote }) => conversionPosting(quote, (currency) => accountsIn(accounts, currency))),
    ),
    writeEvents(transaction, used.map(eventOfConversion)),
  ]);
}
