import { createHash } from 'node:crypto';
import type { CallMode } from './behaviour.ts';
import type { BehaviourStore } from './behaviour-store.ts';
import { type BookEntry, createBook } from './book.ts';
import { createCallJournal } from './call-journal.ts';
import type { PaymentOutcome } from './callback-sender.ts';
import { decideCall, drawLatencyMs } from './decide-call.ts';
import { drawNumbers } from './draw-numbers.ts';
import type { PayRequest } from './pay-request.ts';

/** What the desk knows of one reference, beside the book. */
interface KnownPayment {
  readonly request: PayRequest;
  callCount: number;
  callsAtWork: number;
  isRefused: boolean;
}

/** How a call ends for its client: the truth, or a fault that hides it. */
export type CallEnd =
  | { readonly kind: 'succeeded'; readonly entry: BookEntry }
  | { readonly kind: 'refused' }
  | {
      readonly kind: 'fault';
      readonly fault: 'timeout' | 'error' | 'down' | 'rate_limit' | 'reset' | 'garbage';
    };

/** A call that was let in. `finish` must be called once, after `latencyMs`. */
export interface TakenCall {
  readonly kind: 'taken';
  readonly callNumber: number;
  readonly mode: CallMode | 'down';
  readonly latencyMs: number;
  readonly finish: () => CallEnd;
}

export type InquiryEnd =
  | { readonly kind: 'succeeded'; readonly entry: BookEntry }
  | { readonly kind: 'declined' | 'pending' | 'not_found' | 'fault' };

/** About a gigabyte of memory. */
const MAX_PAYMENTS = 2_000_000;

/**
 * The gateway without its HTTP: honours the idempotency key whatever faults it shows, so that a reference is executed at
 * most once, and one that was refused stays refused.
 */
export function createPaymentDesk({
  seed,
  behaviour,
  maxPayments = MAX_PAYMENTS,
  onOutcome = () => {},
}: {
  readonly seed: string;
  readonly behaviour: BehaviourStore;
  /** Payments that it remembers; new ones beyond are answered as by a gateway that is down. */
  readonly maxPayments?: number;
  /** Fires once for each reference, when it is carried out or refused. */
  readonly onOutcome?: ((outcome: PaymentOutcome) => void) | undefined;
}) {
  const book = createBook();
  const journal = createCallJournal();
  const known = new Map<string, KnownPayment>();
  const inquiryCounts = new Map<string, number>();
  let counters = createCounters();

  function execute(reference: string, payment: KnownPayment): void {
    if (payment.isRefused) return;
    if (book.find(reference)) {
      counters.duplicates_refused += 1;
      return;
    }
    // From the reference and not from a running number, so that it is the same under any concurrency.
    const digest = createHash('sha256').update(`gateway-reference ${seed} ${reference}`).digest('hex');
    const gatewayReference = `gw-${digest.slice(0, 20)}`;
    book.enter({ reference, gatewayReference, executedAt: new Date(), ...payment.request });
    onOutcome({ reference, status: 'succeeded', gatewayReference, ...payment.request });
  }

  function refuse(reference: string, payment: KnownPayment): void {
    if (payment.isRefused || book.find(reference)) return;
    payment.isRefused = true;
    onOutcome({ reference, status: 'refused', gatewayReference: null, ...payment.request });
  }

  function finish(reference: string, payment: KnownPayment, mode: TakenCall['mode']): CallEnd {
    payment.callsAtWork -= 1;
    const { executes, fault } = readMode(mode);
    if (executes) execute(reference, payment);
    if (mode === 'refuse') refuse(reference, payment);
    if (fault) return { kind: 'fault', fault };
    const entry = book.find(reference);
    return entry ? { kind: 'succeeded', entry } : { kind: 'refused' };
  }

  function answerInquiry(reference: string): InquiryEnd {
    counters.inquiries += 1;
    const rules = behaviour.get();
    const inquiryNumber = inquiryCounts.get(reference) ?? 0;
    if (inquiryCounts.has(reference) || inquiryCounts.size < maxPayments) {
      inquiryCounts.set(reference, inquiryNumber + 1);
    }
    const [draw] = drawNumbers(`inquiry ${seed} ${reference} ${inquiryNumber}`);
    if (rules.is_down || draw < rules.inquiry_error_rate) return { kind: 'fault' };
    const entry = book.find(reference);
    if (entry) {
      const isVisible = Date.now() - entry.executedAt.getTime() >= rules.inquiry_lag_ms;
      return isVisible ? { kind: 'succeeded', entry } : { kind: 'not_found' };
    }
    const payment = known.get(reference);
    if (payment?.isRefused) return { kind: 'declined' };
    return { kind: payment && payment.callsAtWork > 0 ? 'pending' : 'not_found' };
  }

  return {
    /** Lets a call in, unless its key was used for another payment. */
    take(reference: string, request: PayRequest): TakenCall | { readonly kind: 'key_conflict' } {
      const payment = known.get(reference) ?? { request, callCount: 0, callsAtWork: 0, isRefused: false };
      if (!isSameRequest(payment.request, request)) {
        counters.key_conflicts += 1;
        return { kind: 'key_conflict' };
      }
      const isFull = !known.has(reference) && known.size >= maxPayments;
      if (!isFull) known.set(reference, payment);
      counters.calls += 1;
      if (payment.callCount > 0) counters.repeated_calls += 1;
      const callNumber = payment.callCount;
      payment.callCount += 1;
      payment.callsAtWork += 1;

      const rules = behaviour.get();
      const call = { seed, reference, callNumber };
      const mode =
        rules.is_down || isFull
          ? 'down'
          : (behaviour.takeScripted(request.paymentId) ?? decideCall(rules, call));
      journal.add({ kind: 'pay', reference, at: new Date(), mode });
      counters.modes[mode] = (counters.modes[mode] ?? 0) + 1;
      const latencyMs = drawLatencyMs(rules, call);
      return {
        kind: 'taken',
        callNumber,
        mode,
        latencyMs,
        finish: () => finish(reference, payment, mode),
      };
    },

    inquire(reference: string): InquiryEnd {
      const end = answerInquiry(reference);
      journal.add({ kind: 'inquiry', reference, at: new Date(), answer: end.kind });
      return end;
    },

    exportBook: (page: { readonly after: number; readonly limit: number }) => ({
      ...book.export(page),
      counters,
    }),
    exportJournal: journal.export,

    bookLines: (range: { readonly after: number; readonly through: number }) => book.lines(range),
    bookLineCount: () => book.lineCount(),

    /** Forgets everything but the behaviour. */
    clear(): void {
      book.clear();
      journal.clear();
      known.clear();
      inquiryCounts.clear();
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
    modes: {} as Partial<Record<TakenCall['mode'], number>>,
  };
}

function readMode(mode: TakenCall['mode']): {
  executes: boolean;
  fault: Extract<CallEnd, { kind: 'fault' }>['fault'] | null;
} {
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
    default:
      return { executes: false, fault: mode };
  }
}

function isSameRequest(a: PayRequest, b: PayRequest): boolean {
  return (
    a.paymentId === b.paymentId &&
    a.userId === b.userId &&
    a.type === b.type &&
    a.currency === b.currency &&
    a.amountMinor === b.amountMinor &&
    a.commissionMinor === b.commissionMinor
  );
}
