import { createHash, createHmac } from 'node:crypto';
import { backoffMs } from '../background/backoff.ts';
import { fetchDirectly } from '../http/fetch-directly.ts';
import type { Logger } from '../telemetry/logging.ts';
import type { BehaviourStore } from './behaviour-store.ts';
import { planCallback } from './callback-plan.ts';
import type { Said } from './gateway-record.ts';
import { drawMisreport, type Misreport, type Report, renderReport } from './misreport.ts';

/** The final outcome of a payment, as the gateway reports it. */
export interface PaymentOutcome extends Report {
  readonly status: 'succeeded' | 'refused';
  readonly gatewayReference: string | null;
}

export interface CallbackSenderOptions {
  readonly url: string;
  readonly secret: string;
  readonly seed: string;
  readonly behaviour: BehaviourStore;
  readonly log: Logger;
  /** Called before each delivery with what it will say about which payment. */
  readonly onDelivery?: (word: { readonly reference: string; readonly said: Said }) => void;
  /** The pause after the first failed delivery, in milliseconds; it doubles each time. */
  readonly firstPauseMs?: number;
}

const MAX_TRIES = 10;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
const ANSWER_DEADLINE_MS = 5000;
/** Deliveries in progress at once; others wait for their turn. */
const MAX_SENDING = 32;
/** The most deliveries that wait; further ones are counted and never sent. */
const MAX_WAITING = 100_000;

/**
 * Tells the processor the outcomes of payments, as gateways do: signed, at least once, and in no particular order. A delivery that is not
 * answered with 2xx is repeated after longer and longer pauses, and given up after the tenth try.
 */
export function createCallbackSender(options: CallbackSenderOptions) {
  const { url, secret, seed, behaviour, log, onDelivery, firstPauseMs = FIRST_PAUSE_MS } = options;
  const timers = new Set<NodeJS.Timeout>();
  const queue: (() => Promise<void>)[] = [];
  const abort = new AbortController();
  const counters = { events: 0, deliveries: 0, answered: 0, failed: 0, given_up: 0, dropped: 0 };
  let sendingCount = 0;

  function later(delayMs: number, work: () => Promise<void>): void {
    if (abort.signal.aborted) return;
    if (timers.size + queue.length >= MAX_WAITING) {
      counters.dropped += 1;
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      queue.push(work);
      startNext();
    }, delayMs);
    timers.add(timer);
  }

  function startNext(): void {
    while (sendingCount < MAX_SENDING) {
      const work = queue.shift();
      if (!work) return;
      sendingCount += 1;
      void work().finally(() => {
        sendingCount -= 1;
        startNext();
      });
    }
  }

  async function deliver(callback: Callback, tryNumber: number): Promise<void> {
    const { body, eventId, reference, said } = callback;
    counters.deliveries += 1;
    onDelivery?.({ reference, said });
    const problem = await post(body);
    if (problem === undefined) {
      counters.answered += 1;
      return;
    }
    if (abort.signal.aborted) return;
    counters.failed += 1;
    if (tryNumber >= MAX_TRIES) {
      counters.given_up += 1;
      log.warn({ event: 'gateway_mock.callback_given_up', event_id: eventId, problem });
      return;
    }
    later(backoffMs(tryNumber, { baseMs: firstPauseMs, maxMs: MAX_PAUSE_MS }), () =>
      deliver(callback, tryNumber + 1),
    );
  }

  /** @returns what was wrong with the answer; undefined if the delivery was accepted. */
  async function post(body: string): Promise<string | undefined> {
    // Sign each try again: a signature is valid for only a few minutes.
    const timestamp = Math.floor(Date.now() / 1000);
    const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    try {
      const response = await fetchDirectly(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'tollgate-signature': `t=${timestamp},v1=${digest}`,
        },
        body,
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(ANSWER_DEADLINE_MS)]),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `HTTP ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  return {
    /** Reports an outcome; called once for each reference. */
    notify(outcome: PaymentOutcome): void {
      const { reference } = outcome;
      const digest = createHash('sha256').update(`event ${seed} ${reference}`).digest('hex');
      const eventId = `evt_${digest.slice(0, 24)}`;
      const misreport =
        outcome.status === 'succeeded' ? drawMisreport(behaviour.get(), { seed, reference }) : undefined;
      const callback: Callback = {
        eventId,
        reference,
        said: misreport ? 'misreported' : outcome.status,
        body: JSON.stringify({ event_id: eventId, ...describe(outcome, misreport) }),
      };
      counters.events += 1;
      for (const delayMs of planCallback(behaviour.get(), { seed, reference }).delaysMs)
        later(delayMs, () => deliver(callback, 1));
    },

    counters: () => ({ ...counters, waiting: timers.size + queue.length + sendingCount }),

    /** Drops everything that has not been delivered. */
    stop(): void {
      abort.abort();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      queue.length = 0;
    },
  };
}

export type CallbackSender = ReturnType<typeof createCallbackSender>;

/** A callback's body, and what it says about which payment. */
interface Callback {
  readonly eventId: string;
  readonly reference: string;
  readonly said: Said;
  readonly body: string;
}

function describe(outcome: PaymentOutcome, misreport: Misreport | undefined) {
  return {
    status: outcome.status,
    // A callback without a currency would not be a callback of this contract at all.
    ...renderReport(outcome, misreport === 'amount_without_currency' ? 'amount' : misreport),
    gateway_reference: outcome.gatewayReference,
    ...(outcome.status === 'refused' ? { message: 'declined by the issuer' } : {}),
    occurred_at: new Date().toISOString(),
  };
}
