import { strict as assert } from 'node:assert';
import type { CommandKind } from '../../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../../commands/create-executor.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import type { IdempotencyClaim, StoredResponse } from '../../idempotency/used-key.ts';
import type { FrozenCredits } from '../../ledger/decide-wallet-state.ts';
import { postToLedger } from '../../ledger/post-to-ledger.ts';
import { findSystemAccountsOf, type SystemAccounts } from '../../ledger/system-accounts.ts';
import type { Quote } from '../quotes/quote.ts';
import { conversionPosting } from './conversion-posting.ts';
import {
  type ConversionFacts,
  type ConversionOutcome,
  type ConversionToWrite,
  type DecidedConversion,
  decideConversion,
} from './decide-conversion.ts';
import { isUsed, lockAndReadQuotes, markUsed } from './use-quotes.sql.ts';

/** A quote to be taken, as it was found by its token: nothing of it that counts here ever changes, but whether it was used. */
export interface ConvertRequest {
  readonly quote: Quote;
  /** Where it was asked for. */
  readonly path: string;
  readonly idempotency: IdempotencyClaim | null;
}

export interface ConvertOptions {
  readonly responseTtlMs: number;
  readonly frozenCredits: FrozenCredits;
  /** Turns an outcome into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (
    request: Pick<ConvertRequest, 'quote' | 'path'>,
    outcome: ConversionOutcome,
    usedAt: string,
  ) => StoredResponse;
}

export type Converter = Executor<ConvertRequest, DecidedConversion>;

/** Takes quotes: the quote is used, and money moves between two wallets of its user, in one transaction. */
export function createConverter(options: ConvertOptions & ExecutorOptions): Converter {
  return createExecutor(conversion(options), options);
}

function conversion({
  responseTtlMs,
  frozenCredits,
  renderResponse,
}: ConvertOptions): CommandKind<
  ConvertRequest,
  ConversionFacts,
  ConversionToWrite,
  DecidedConversion,
  ReadonlyMap<string, SystemAccounts>
> {
  return {
    failpoints: { beforeCommit: 'convert.before_commit', afterCommit: 'convert.after_commit' },
    keyOf: ({ quote, idempotency }) => idempotency && { ...idempotency, scope: quote.userId },
    fundsOf: ({ quote }) => ({ walletId: quote.fromWalletId }),
    // The other one is changed, too: locked later, it could be in the way of a conversion that goes back.
    alsoLocks: ({ quote }) => [{ walletId: quote.toWalletId }],
    prepare: (pool, requests) =>
      findSystemAccountsOf(
        pool,
        requests.flatMap(({ quote }) => [quote.fromCurrency, quote.toCurrency]),
      ),
    read: (transaction, requests) => lockAndReadQuotes(transaction, requests, { responseTtlMs }),
    decide: (request, { facts }, neighbours) =>
      decideConversion(request.quote, facts, {
        ...neighbours,
        frozenCredits,
        render: (outcome, usedAt) => renderResponse(request, outcome, usedAt),
      }),
    async write(transaction, conversions, accounts) {
      const accountsOf = (currency: string) => {
        const found = accounts.get(currency);
        assert(found, `the system accounts in ${currency} were not asked for`);
        return found;
      };
      await sentTogether([
        markUsed(transaction, conversions),
        postToLedger(
          transaction,
          conversions.map((used) => conversionPosting(used, accountsOf)),
        ),
      ]);
    },
    isWritten: isUsed,
  };
}
