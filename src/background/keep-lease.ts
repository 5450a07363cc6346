import { repeat } from './repeat.ts';
import { sleep } from './sleep.ts';

/** Something that this process holds until a time on the monotonic clock, which keeps running while the process is suspended. */
export interface Lease {
  leaseEndsAtMs: number;
}

/** `busy`: the renewal could not be tried, because its row is locked; it is tried again. */
export type Renewal = 'held' | 'busy' | 'lost';

/** The share of a lease after which it is renewed. This leaves time for a second attempt before the lease ends. */
const RENEWED_AFTER = 1 / 3;

/**
 * Renews leases until it is stopped. A renewed lease counts from the time of the request, so that by our clock it never lasts longer than
 * in the database. A renewal that fails is tried again a third of a lease later; in the meantime, `isLeaseOver` keeps the holder from going
 * on too long.
 */
export function keepLeases<Held extends Lease>({
  leaseMs,
  held,
  renew,
  onLost,
  onError,
}: {
  readonly leaseMs: number;
  /** The leases that are held now. */
  readonly held: () => readonly Held[];
  /** Renews the leases that are due, in one statement. */
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

/** Whether somebody else may hold it by now. Check this right before anything that only the holder may do. */
export function isLeaseOver(lease: Lease): boolean {
  return performance.now() >= lease.leaseEndsAtMs;
}

export interface KeptLease {
  /** Fires when the lease is lost: somebody else holds it, or it could not be renewed in time. */
  readonly signal: AbortSignal;
  /** Stops renewing. The lease expires by itself, unless its taker releases it. */
  stop(): Promise<void>;
}

/** The abort reason when a lease is lost. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Keeps one lease that was just taken.
 * @param takenAtMs when it was requested, by `performance.now()`.
 * @param renew returns false if the lease is no longer ours.
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
