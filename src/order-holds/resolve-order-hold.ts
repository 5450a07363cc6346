import type { CommandKind } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import type { StoredResponse } from '../idempotency/used-key.ts';
import type { FrozenCredits } from '../ledger/decide-wallet-state.ts';
import { findSystemAccountsOf, type SystemAccounts } from '../ledger/system-accounts.ts';
import {
  decideResolution,
  type Resolution,
  type ResolutionDecision,
  type ResolutionFacts,
  type ResolveRequest,
  type ResolveResult,
} from './decide-resolution.ts';
import { readResolutionFacts } from './read-resolution-facts.sql.ts';
import { isResolutionWritten, writeResolutions } from './write-resolutions.ts';

export interface ResolveOptions {
  readonly responseTtlMs: number;
  readonly frozenCredits: FrozenCredits;
  /** Turns a decision into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (decision: ResolutionDecision) => StoredResponse;
}

export type OrderHoldResolver = Executor<ResolveRequest, ResolveResult>;

/**
 * Captures what is held for orders, in part or whole, or releases it: the posting commits together with what becomes of the hold. Of several
 * requests that want the same hold at the same moment, one gets it, because its row is locked before anything is decided.
 */
export function createOrderHoldResolver(options: ResolveOptions & ExecutorOptions): OrderHoldResolver {
  return createExecutor(resolving(options), options);
}

function resolving({
  responseTtlMs,
  ...deciding
}: ResolveOptions): CommandKind<
  ResolveRequest,
  ResolutionFacts,
  Resolution,
  ResolveResult,
  ReadonlyMap<string, SystemAccounts>
> {
  return {
    failpoints: {
      afterRead: 'resolve_hold.after_read',
      beforeCommit: 'resolve_hold.before_commit',
      afterCommit: 'resolve_hold.after_commit',
    },
    keyOf: ({ userId, idempotency }) => idempotency && { ...idempotency, scope: userId },
    // What is captured is held, so there is no available money to look at. The wallets are locked all the same before anything is written:
    // a request whose wallet somebody has can then wait apart from the others.
    fundsOf: ({ userId, currency, walletName: name }) => ({ userId, currency, name }),
    alsoLocks: ({ action, currency }) =>
      action.kind === 'capture' && action.target.kind === 'user'
        ? [{ userId: action.target.userId, currency, name: action.target.wallet?.name ?? '' }]
        : [],
    prepare: (pool, requests) =>
      findSystemAccountsOf(
        pool,
        requests.filter(({ action }) => action.kind === 'capture').map(({ currency }) => currency),
      ),
    read: (transaction, requests) => readResolutionFacts(transaction, requests, { responseTtlMs }),
    decide: (request, { facts }, { tally }) => decideResolution(request, facts, { tally, ...deciding }),
    write: writeResolutions,
    isWritten: isResolutionWritten,
  };
}
