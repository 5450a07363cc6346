import { repeat } from '../../background/repeat.ts';
import type { Knex } from '../../database/database.ts';
import type { PaymentStatus } from '../payment.ts';
import { findConcluded } from './find-concluded.sql.ts';

export interface WaitOptions {
  readonly forMs: number;
  /** Ends the wait: nobody wants to hear the end any more. */
  readonly signal: AbortSignal;
}

export interface ConclusionWatch {
  /**
   * Waits until a payment is concluded: settled, failed, or of unknown outcome.
   * @returns its status then, or `processing` if the wait ended before: after `forMs`, by the signal, because the watch stops, or at once
   * because too many wait already. It does not throw.
   */
  wait(paymentId: bigint, options: WaitOptions): Promise<PaymentStatus>;
  waitingCount(): number;
  /** Ends all waits, and any that begins later. */
  stop(): Promise<void>;
}

/**
 * Workers conclude payments in other processes and tell nobody: a NOTIFY with each settlement would take a lock of the whole database at its
 * commit. So one query asks for all payments that somebody waits for, at this interval, and only while somebody waits.
 */
const INTERVAL_MS = 50;
/** A database that is away is not asked that often. */
const PAUSE_AFTER_ERROR_MS = 1000;
const MAX_WAITING = 2000;

/** Lets requests wait for the end of payments; a wait holds no connection. */
export function watchConclusions({
  knex,
  onError,
  maxWaiting = MAX_WAITING,
}: {
  /** The pool for reads. */
  readonly knex: Knex;
  readonly onError: (error: unknown) => void;
  readonly maxWaiting?: number;
}): ConclusionWatch {
  const waits = new Set<{ readonly paymentId: bigint; readonly end: (status: PaymentStatus) => void }>();
  let isStopping = false;

  const looks = repeat({
    async run() {
      if (waits.size === 0) return { inMs: Number.POSITIVE_INFINITY };
      const paymentIds = [...new Set(Array.from(waits, ({ paymentId }) => paymentId))];
      const concluded = await findConcluded(knex, paymentIds);
      for (const { paymentId, end } of [...waits]) {
        const status = concluded.get(paymentId);
        if (status) end(status);
      }
      return { inMs: INTERVAL_MS };
    },
    firstRun: 'after_a_pause',
    pauseMs: PAUSE_AFTER_ERROR_MS,
    restMs: INTERVAL_MS,
    keepsProcessAlive: false,
    onError,
  });

  return {
    async wait(paymentId, { forMs, signal }) {
      if (isStopping || signal.aborted || forMs <= 0 || waits.size >= maxWaiting) return 'processing';
      return await new Promise((resolve) => {
        const end = (status: PaymentStatus) => {
          waits.delete(wait);
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(status);
        };
        const giveUp = () => end('processing');
        const wait = { paymentId, end };
        const timer = setTimeout(giveUp, forMs);
        signal.addEventListener('abort', giveUp);
        waits.add(wait);
        looks.wake();
      });
    },
    waitingCount: () => waits.size,
    async stop() {
      isStopping = true;
      for (const { end } of [...waits]) end('processing');
      await looks.stop();
    },
  };
}
