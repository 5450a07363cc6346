import { repeat } from './repeat.ts';
import { sleep } from './sleep.ts';

/** Something that is this process's until a time, by its monotonic clock, which goes on while the process is stopped. */
export interface Lease {
  leaseEndsAtMs: number;
}

/** `busy`: nothing is known of it, because somebody has its row locked; it is asked about again. */
export type Renewal = 'held' | 'busy' | 'lost';

/** The share of a lease after which it is renewed; it is tried once more before the lease ends. */
const RENEWED_AFTER = 1 / 3;

/**
 * Renews leases for as long as it is not stopped. A renewal counts from when it was asked for, so that our clock never says
 * longer than the database's. One that cannot be asked for is asked for again a third of a lease later; meanwhile
 * `isLeaseOver` keeps its holder from going on too long.
 */
export function keepLeases<Held extends Lease>({
  leaseMs,
  held,
  renew,
  onLost,
  onError,
}: {
  readonly leaseMs: number;
  /** Those that are held now. */
  readonly held: () => readonly Held[];
  /** Renews those that are due, together. */
  readonly renew: (due: readonly Held[]) => Promise<(lease: Held) => Renewal>;
  readonly onLost: (lease: Held) => void;
  readonly onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  return repeat({
    pauseMs: leaseMs * RENEWED_AFTER,
    firstRun: 'after_a_pause',
    keepsProcessAlive: false,
    onError,
    async run() {
      const askedAtMs = performance.now();
      const due = held().filter((lease) => lease.leaseEndsAtMs - askedAtMs <= leaseMs * (1 - RENEWED_AFTER));
      if (due.length === 0) return;
      const renewalOf = await renew(due);
      for (const lease of due) {
        const renewal = renewalOf(lease);
        if (renewal === 'held') lease.leaseEndsAtMs = askedAtMs + leaseMs;
        if (renewal === 'lost') onLost(lease);
      }
    },
  });
}

/** Whether somebody else may have it by now. Asked right before whatever only its holder may do. */
export function isLeaseOver(lease: Lease): boolean {
  return performance.now() >= lease.leaseEndsAtMs;
}

export interface KeptLease {
  /** Fires when the lease is lost: somebody else has it, or it could not be renewed in time. */
  readonly signal: AbortSignal;
  /** Renews it no more. It runs out by itself, or is given back by whoever took it. */
  stop(): Promise<void>;
}

/** The reason of the signal of a lease that was lost. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Keeps the lease of one thing that was just taken.
 * @param takenAtMs when it was asked for, by `performance.now()`.
 * @param renew says false when it is no longer ours.
 */
export function keepLease({
  leaseMs,
  takenAtMs,
  renew,
  onError,
}: {
  readonly leaseMs: number;
  readonly takenAtMs: number;
  readonly renew: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}): KeptLease {
  const lease: Lease = { leaseEndsAtMs: takenAtMs + leaseMs };
  const lost = new AbortController();
  const stopped = new AbortController();
  const keeper = keepLeases({
    leaseMs,
    held: () => (lost.signal.aborted ? [] : [lease]),
    async renew() {
      const isOurs = await renew();
      return () => (isOurs ? 'held' : 'lost');
    },
    onLost: () => lost.abort(new LeaseLost('somebody else has taken it over')),
    onError,
  });
  const watching = endWhenOver();

  async function endWhenOver(): Promise<void> {
    const signal = AbortSignal.any([lost.signal, stopped.signal]);
    while (!signal.aborted && !isLeaseOver(lease))
      await sleep(lease.leaseEndsAtMs - performance.now(), { signal, keepsProcessAlive: false });
    if (!signal.aborted) lost.abort(new LeaseLost('it could not be renewed in time'));
  }

  return {
    signal: lost.signal,
    async stop() {
      stopped.abort();
      await Promise.all([keeper.stop(), watching]);
    },
  };
}
