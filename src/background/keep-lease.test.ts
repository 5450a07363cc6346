import { isLeaseOver, type KeptLease, keepLease, keepLeases, type Lease, LeaseLost } from './keep-lease.ts';

const { jest } = import.meta;
const LEASE_MS = 9000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('the lease of one thing', () => {
  let kept: KeptLease | undefined;
  let asked: number[] = [];
  let errors: unknown[] = [];
  let answer: () => Promise<boolean>;

  function take(takenAtMs = performance.now()): KeptLease {
    asked = [];
    errors = [];
    const startedAtMs = performance.now();
    kept = keepLease({
      leaseMs: LEASE_MS,
      takenAtMs,
      renew() {
        asked.push(performance.now() - startedAtMs);
        return answer();
      },
      onError: (error) => errors.push(error),
    });
    return kept;
  }

  beforeEach(() => {
    answer = async () => true;
  });
  afterEach(async () => {
    const stopping = kept?.stop();
    await pass(0);
    await stopping;
  });

  test('is renewed after each third of its time, for as long as it is kept', async () => {
    const { signal } = take();
    await pass(60_000);
    expect(signal.aborted).toBe(false);
    expect(asked.slice(0, 3)).toEqual([3000, 6000, 9000]);
  });

  test('is lost when somebody else has it, and is not asked for again', async () => {
    const { signal } = take();
    answer = async () => false;
    await pass(3000);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(LeaseLost);
    await pass(60_000);
    expect(asked).toHaveLength(1);
  });

  test('is lost at its end when renewals fail until then', async () => {
    const { signal } = take();
    answer = async () => {
      throw new Error('no database');
    };
    await pass(8999);
    expect(signal.aborted).toBe(false);
    expect(errors).toHaveLength(2);
    await pass(1);
    expect(signal.aborted).toBe(true);
  });

  test('goes on after one renewal that failed', async () => {
    const { signal } = take();
    answer = async () => {
      throw new Error('no database');
    };
    await pass(3000);
    answer = async () => true;
    await pass(60_000);
    expect(signal.aborted).toBe(false);
  });

  test('is lost at its end when no renewal is answered, not later', async () => {
    const { signal } = take();
    answer = () => new Promise(() => {});
    await pass(8999);
    expect(signal.aborted).toBe(false);
    await pass(1);
    expect(signal.aborted).toBe(true);
    // A renewal that hangs would keep stop() waiting.
    kept = undefined;
  });

  test('counts from when it was asked for, not from the answer', async () => {
    const { signal } = take(performance.now() - 8000);
    answer = () => new Promise(() => {});
    await pass(1000);
    expect(signal.aborted).toBe(true);
    kept = undefined;
  });

  test('is neither renewed nor lost after it was given back', async () => {
    const lease = take();
    const stopping = lease.stop();
    await pass(0);
    await stopping;
    await pass(60_000);
    expect(asked).toEqual([]);
    expect(lease.signal.aborted).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the leases of many things', () => {
  test('only leases that are due are renewed; a lost one is reported, and a busy one is tried again', async () => {
    const now = performance.now();
    const leases = {
      young: { leaseEndsAtMs: now + 2 * LEASE_MS },
      ours: { leaseEndsAtMs: now + LEASE_MS },
      busy: { leaseEndsAtMs: now + LEASE_MS },
      taken: { leaseEndsAtMs: now + LEASE_MS },
    };
    const held = new Set<Lease>(Object.values(leases));
    const rounds: Lease[][] = [];
    const keeper = keepLeases({
      leaseMs: LEASE_MS,
      held: () => [...held],
      async renew(due) {
        rounds.push([...due]);
        return (lease) => (lease === leases.taken ? 'lost' : lease === leases.busy ? 'busy' : 'held');
      },
      onLost: (lease) => held.delete(lease),
      onError(error) {
        throw error;
      },
    });
    await pass(2999);
    expect(rounds).toEqual([]);
    await pass(1);
    expect(rounds).toEqual([[leases.ours, leases.busy, leases.taken]]);
    expect(held.has(leases.taken)).toBe(false);
    expect(leases.ours.leaseEndsAtMs).toBeGreaterThan(now + LEASE_MS);
    expect(leases.busy.leaseEndsAtMs).toBe(now + LEASE_MS);
    expect(isLeaseOver(leases.busy)).toBe(false);
    await pass(3000);
    expect(rounds[1]).toEqual([leases.ours, leases.busy]);
    await pass(3000);
    expect(isLeaseOver(leases.busy)).toBe(true);
    expect(isLeaseOver(leases.ours)).toBe(false);
    const stopping = keeper.stop();
    await pass(0);
    await stopping;
  });
});
