import { createHash } from 'node:crypto';
import type { TurnedAway } from './behaviour.ts';
import type { BehaviourStore } from './behaviour-store.ts';
import type { BookEntry } from './book.ts';
import type { PaymentOutcome } from './callback-sender.ts';
import { decideCall, drawLatencyMs } from './decide-call.ts';
import { drawNumbers } from './draw-numbers.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { type CallResult, type Said, writeRequest } from './gateway-record.ts';
import { drawMisreport, type Misreport } from './misreport.ts';
import type { PayRequest } from './pay-request.ts';
import { drawVagueBody } from './vague-bodies.ts';

/** A success as it is reported: truthfully, unless there is a misreport. */
export interface ToldSuccess {
  readonly kind: 'succeeded';
  readonly entry: BookEntry;
  readonly misreport: Misreport | undefined;
}

export type Fault = 'timeout' | 'error' | 'down' | 'reset' | 'garbage' | TurnedAway;

/** What a client gets as the answer to a call: the truth, or something that hides it. */
export type CallEnd =
  | ToldSuccess
  | { readonly kind: 'refused' }
  | { readonly kind: 'vague'; readonly body: unknown }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** A call that was accepted. `finish` must be called once, after `latencyMs`. */
export interface TakenCall {
  readonly kind: 'taken';
  readonly callNumber: number;
  readonly mode: CallResult;
  readonly latencyMs: number;
  readonly finish: () => CallEnd;
}

export type InquiryEnd =
  | ToldSuccess
  | { readonly kind: 'declined' | 'pending' | 'not_found' }
  | { readonly kind: 'vague'; readonly body: unknown }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** About a gigabyte of memory. */
export const MAX_PAYMENTS = 2_000_000;

/**
 * The gateway without HTTP. It honours the idempotency key whatever faults it shows: a reference is executed at most once, and a refused
 * one stays refused.
 */
export function createPaymentDesk({
  seed,
  behaviour,
  memory,
  maxPayments = MAX_PAYMENTS,
  onOutcome = () => {},
}: {
  readonly seed: string;
  readonly behaviour: BehaviourStore;
  readonly memory: GatewayMemory;
  /** The most payments that it remembers; further ones are answered as if the gateway were down. */
  readonly maxPayments?: number;
  /** Called once for each reference, when it is carried out or refused. */
  readonly onOutcome?: ((outcome: PaymentOutcome) => void) | undefined;
}) {
  const { book, journal, known } = memory;
  /** Calls that are in progress, by reference; a restart ends them all. */
  const callsAtWork = new Map<string, number>();
  let counters = createCounters();

  function execute(reference: string, request: PayRequest): void {
    if (known.get(reference)?.isRefused) return;
    if (book.find(reference)) {
      counters.duplicates_refused += 1;
      return;
    }
    // Derived from the reference, not from a running number, so that it is the same under any concurrency.
    const digest = createHash('sha256').update(`gateway-reference ${seed} ${reference}`).digest('hex');
    const gatewayReference = `gw-${digest.slice(0, 20)}`;
    memory.record({ kind: 'executed', reference, gateway_reference: gatewayReference });
    onOutcome({ reference, status: 'succeeded', gatewayReference, ...request });
  }

  function refuse(reference: string, request: PayRequest): void {
    if (known.get(reference)?.isRefused || book.find(reference)) return;
    memory.record({ kind: 'refused', reference });
    onOutcome({ reference, status: 'refused', gatewayReference: null, ...request });
  }

  function finish(reference: string, request: PayRequest, call: Pick<TakenCall, 'mode' | 'callNumber'>) {
    countAtWork(reference, -1);
    const { executes, fault } = readMode(call.mode);
    if (executes) execute(reference, request);
    if (call.mode === 'refuse') refuse(reference, request);
    const end = endOf(reference, fault, call.callNumber);
    if (end.kind === 'succeeded' || end.kind === 'refused')
      memory.record({ kind: 'answer', reference, said: wordOf(end) });
    return end;
  }

  function endOf(reference: string, fault: Fault | 'vague' | null, callNumber: number): CallEnd {
    if (fault === 'vague')
      return { kind: 'vague', body: drawVagueBody(`call ${seed} ${reference} ${callNumber}`) };
    if (fault) return { kind: 'fault', fault };
    const entry = book.find(reference);
    return entry ? tell(entry) : { kind: 'refused' };
  }

  function tell(entry: BookEntry): ToldSuccess {
    const misreport = drawMisreport(behaviour.get(), { seed, reference: entry.reference });
    return { kind: 'succeeded', entry, misreport };
  }

  function countAtWork(reference: string, change: 1 | -1): void {
    const count = (callsAtWork.get(reference) ?? 0) + change;
    if (count > 0) callsAtWork.set(reference, count);
    else callsAtWork.delete(reference);
  }

  function answerInquiry(reference: string): InquiryEnd {
    const rules = behaviour.get();
    const draw = `${seed} ${reference} ${memory.inquiryCount(reference)}`;
    const [fault, vague] = drawNumbers(`inquiry ${draw}`);
    if (rules.turned_away) return { kind: 'fault', fault: rules.turned_away };
    if (rules.is_down || fault < rules.inquiry_error_rate) return { kind: 'fault', fault: 'error' };
    if (vague < rules.vague_rate) return { kind: 'vague', body: drawVagueBody(`inquiry ${draw}`) };
    const entry = book.find(reference);
    if (entry) return entry.executedAt <= visibleUntil() ? tell(entry) : { kind: 'not_found' };
    if (known.get(reference)?.isRefused) return { kind: 'declined' };
    return { kind: callsAtWork.has(reference) ? 'pending' : 'not_found' };
  }

  /** Payments that were executed later than this are not shown yet. */
  function visibleUntil(): Date {
    return new Date(Date.now() - behaviour.get().inquiry_lag_ms);
  }

  function chooseMode(reference: string, request: PayRequest, callNumber: number): CallResult {
    const rules = behaviour.get();
    if (rules.turned_away) return rules.turned_away;
    const isFull = !known.has(reference) && known.size >= maxPayments;
    if (rules.is_down || isFull) return 'down';
    return behaviour.takeScripted(request.paymentId) ?? decideCall(rules, { seed, reference, callNumber });
  }

  return {
    /** Accepts a call, unless its key was used for another payment. */
    take(reference: string, request: PayRequest): TakenCall | { readonly kind: 'key_conflict' } {
      const before = known.get(reference);
      if (before && !isSameRequest(before.request, request)) {
        counters.key_conflicts += 1;
        return { kind: 'key_conflict' };
      }
      const callNumber = before?.callCount ?? 0;
      counters.calls += 1;
      if (callNumber > 0) counters.repeated_calls += 1;
      const mode = chooseMode(reference, request, callNumber);
      counters.modes[mode] = (counters.modes[mode] ?? 0) + 1;
      memory.record({ kind: 'pay', reference, mode, ...writeRequest(request) });
      countAtWork(reference, 1);
      return {
        kind: 'taken',
        callNumber,
        mode,
        latencyMs: drawLatencyMs(behaviour.get(), { seed, reference, callNumber }),
        finish: () => finish(reference, request, { mode, callNumber }),
      };
    },

    inquire(reference: string): InquiryEnd {
      counters.inquiries += 1;
      const end = answerInquiry(reference);
      const answer = end.kind === 'succeeded' && end.misreport ? 'misreported' : end.kind;
      memory.record({ kind: 'inquiry', reference, answer });
      return end;
    },

    exportBook: (page: { readonly after: number; readonly limit: number }) => ({
      ...book.export(page),
      counters,
    }),
    exportJournal: journal.export,

    bookLines: (range: { readonly after: number; readonly through: number }) => book.lines(range),
    bookLineCount: () => book.lineCount(visibleUntil()),

    /** Forgets everything except the behaviour. */
    clear(): void {
      memory.clear();
      callsAtWork.clear();
      counters = createCounters();
    },
  };
}

export type PaymentDesk = ReturnType<typeof createPaymentDesk>;

function createCounters() {
  return {
    calls: 0,
    repeated_calls: 0,
    /** Calls that would have executed a payment a second time. */
    duplicates_refused: 0,
    key_conflicts: 0,
    inquiries: 0,
    modes: {} as Partial<Record<CallResult, number>>,
  };
}

function readMode(mode: CallResult): { executes: boolean; fault: Fault | 'vague' | null } {
  switch (mode) {
    case 'ok':
      return { executes: true, fault: null };
    case 'refuse':
      return { executes: false, fault: null };
    case 'execute_then_timeout':
      return { executes: true, fault: 'timeout' };
    case 'execute_then_error':
      return { executes: true, fault: 'error' };
    case 'execute_then_reset':
      return { executes: true, fault: 'reset' };
    case 'execute_then_vague':
      return { executes: true, fault: 'vague' };
    default:
      return { executes: false, fault: mode };
  }
}

function wordOf(end: ToldSuccess | { readonly kind: 'refused' }): Said {
  return end.kind === 'succeeded' && end.misreport ? 'misreported' : end.kind;
}

function isSameRequest(a: PayRequest, b: PayRequest): boolean {
  return (
    a.paymentId === b.paymentId &&
    a.userId === b.userId &&
    a.type === b.type &&
    a.currency === b.currency &&
    a.amountMinor === b.amountMinor &&
    a.feeMinor === b.feeMinor &&
    a.refundOf === b.refundOf
  );
}
