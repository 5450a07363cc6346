import type { CommandDecision } from '../commands/command-kind.ts';
import type { NamedWallet } from '../commands/named-wallet.ts';
import type { Tally } from '../commands/tally.ts';
import type { IdempotencyClaim, StoredResponse } from '../idempotency/used-key.ts';
import { decideCredit, type FrozenCredits, type StateRefusal } from '../ledger/decide-wallet-state.ts';
import type { WalletState } from '../ledger/wallet-state.ts';
import { type OrderHold, type OrderName, remainingMinor } from './order-hold.ts';

/** Where captured money goes: to another user's wallet, or to our own account `sales`. */
export type CaptureTarget =
  | {
      readonly kind: 'user';
      readonly userId: bigint;
      /** The wallet, if the request names it; without it, the user's wallet without a name in the currency of the hold. */
      readonly wallet?: NamedWallet | undefined;
    }
  | { readonly kind: 'sales' };

/** One validated request to capture what is held for an order, or to release it. */
export interface ResolveRequest extends OrderName {
  /** The currency of the hold, which never changes. */
  readonly currency: string;
  /** The name of the wallet that it is held of, which never changes either; empty for the user's wallet without a name. */
  readonly walletName: string;
  readonly action:
    | {
        readonly kind: 'capture';
        /** `rest`: whatever is still held. */
        readonly amountMinor: bigint | 'rest';
        readonly target: CaptureTarget;
        /** What becomes of what is not captured. */
        readonly rest: 'released' | 'stays_held';
      }
    | { readonly kind: 'release' };
  /** Where it was asked for, which a refusal names. */
  readonly path: string;
  readonly idempotency: IdempotencyClaim | null;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}

/** What the database knew about one request once its hold was locked. */
export interface ResolutionFacts {
  readonly hold: OrderHold | null;
  /** Its time is over by the database's clock, whether or not a sweep has released it yet. */
  readonly isExpired: boolean;
  /** The user whose wallet gets the money, if it goes to a wallet. */
  readonly target: {
    readonly hasUser: boolean;
    readonly walletId: bigint | null;
    /** Read without a lock: money that comes into a wallet that is closed at this moment reopens it. */
    readonly state: WalletState | null;
  };
  /** By the clock of the database, with its microseconds, as PostgreSQL writes it. */
  readonly now: string;
  /** When the transaction began, in the same form: the time of everything that it writes. */
  readonly begunAt: string;
}

/** What to write for one resolution. */
export interface Resolution {
  readonly before: OrderHold;
  readonly after: OrderHold;
  readonly capturedMinor: bigint;
  /** The wallet that gets the money, and its owner; null for our own sales, and if nothing is captured. */
  readonly target: { readonly walletId: bigint; readonly userId: bigint } | null;
  readonly resolvedAt: string | null;
  readonly begunAt: string;
  readonly traceparent?: string | undefined;
}

/** What became of one request: the input of the response that is stored. `at`: when, by the clock of the database. */
export type ResolutionDecision = { readonly at: Date } & (
  | {
      readonly kind: 'captured' | 'released';
      readonly hold: OrderHold;
      readonly capturedMinor: bigint;
      readonly request: ResolveRequest;
    }
  /** It had already ended, or its time is over. */
  | { readonly kind: 'hold_ended'; readonly hold: OrderHold; readonly request: ResolveRequest }
  | { readonly kind: 'capture_exceeds_hold'; readonly hold: OrderHold; readonly request: ResolveRequest }
  /** The wallet that the money was to go to takes none. */
  | (StateRefusal & { readonly hold: OrderHold; readonly request: ResolveRequest })
);

export type ResolveResult =
  | {
      readonly kind: 'answered';
      readonly decided: ResolutionDecision['kind'];
      readonly response: StoredResponse;
    }
  | { readonly kind: 'hold_not_found' }
  | { readonly kind: 'target_not_found' }
  | { readonly kind: 'target_has_no_wallet' };

/**
 * Decides one request, given what earlier requests of its batch have left of its hold. The state of the wallet that it is held of does not
 * count: what was held was promised before a freeze. Pure.
 */
export function decideResolution(
  request: ResolveRequest,
  facts: ResolutionFacts,
  {
    tally,
    frozenCredits,
    renderResponse,
  }: {
    readonly tally: Tally;
    readonly frozenCredits: FrozenCredits;
    readonly renderResponse: (decision: ResolutionDecision) => StoredResponse;
  },
): CommandDecision<Resolution, ResolveResult> {
  if (!facts.hold) return { result: { kind: 'hold_not_found' } };
  const name = `hold ${facts.hold.holdId}`;
  const hold = (tally.noted(name) as OrderHold | undefined) ?? facts.hold;
  const answerWith = (decision: ResolutionDecision) => {
    const response = renderResponse(decision);
    return {
      result: { kind: 'answered' as const, decided: decision.kind, response },
      kept: { resource: { kind: 'order_hold' as const, id: hold.holdId }, response },
    };
  };

  const at = new Date(facts.now);
  if (hold.status !== 'open' || facts.isExpired) return answerWith({ kind: 'hold_ended', hold, request, at });
  const { action } = request;
  const leftMinor = remainingMinor(hold);
  if (action.kind === 'capture') {
    if (action.target.kind === 'user' && !facts.target.hasUser)
      return { result: { kind: 'target_not_found' } };
    if (action.target.kind === 'user' && facts.target.walletId === null)
      return { result: { kind: 'target_has_no_wallet' } };
    if (action.amountMinor !== 'rest' && action.amountMinor > leftMinor)
      return answerWith({ kind: 'capture_exceeds_hold', hold, request, at });
    const refusal = refusalOfTarget(action, facts, { frozenCredits });
    if (refusal) return answerWith({ ...refusal, hold, request, at });
  }
  const { after, capturedMinor } = resolve(hold, action, at);
  tally.note(name, after);
  return {
    ...answerWith({
      kind: action.kind === 'capture' ? 'captured' : 'released',
      hold: after,
      capturedMinor,
      request,
      at,
    }),
    row: {
      before: hold,
      after,
      capturedMinor,
      target:
        action.kind === 'capture' && action.target.kind === 'user' && facts.target.walletId !== null
          ? { walletId: facts.target.walletId, userId: action.target.userId }
          : null,
      resolvedAt: after.status === 'open' ? null : facts.now,
      begunAt: facts.begunAt,
      traceparent: request.traceparent,
    },
  };
}

function refusalOfTarget(
  { target }: Extract<ResolveRequest['action'], { kind: 'capture' }>,
  { target: { walletId, state } }: ResolutionFacts,
  terms: { readonly frozenCredits: FrozenCredits },
): StateRefusal | undefined {
  if (target.kind === 'sales' || walletId === null || state === null) return undefined;
  return decideCredit({ walletId, state }, terms);
}

function resolve(hold: OrderHold, action: ResolveRequest['action'], at: Date) {
  if (action.kind === 'release')
    return { after: endOf(hold, { status: 'released', resolvedAt: at }), capturedMinor: 0n };
  const leftMinor = remainingMinor(hold);
  const capturedMinor = action.amountMinor === 'rest' ? leftMinor : action.amountMinor;
  const captured: OrderHold = {
    ...hold,
    capturedMinor: hold.capturedMinor + capturedMinor,
    captureCount: hold.captureCount + 1,
  };
  // If everything is captured, the hold has ended, whatever was said about the rest.
  const goesOn = action.rest === 'stays_held' && capturedMinor < leftMinor;
  return {
    after: goesOn ? captured : endOf(captured, { status: 'captured', resolvedAt: at }),
    capturedMinor,
  };
}

/** The hold after it has ended; whatever is left of it is released. */
export function endOf(hold: OrderHold, ending: Pick<OrderHold, 'status' | 'resolvedAt'>): OrderHold {
  return { ...hold, ...ending, releasedMinor: hold.releasedMinor + remainingMinor(hold) };
}
