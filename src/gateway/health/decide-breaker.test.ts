import fc from 'fast-check';
import type { CallHealth } from './call-health.ts';
import {
  type BreakerPolicy,
  type BreakerState,
  beginProbe,
  closedBreaker,
  decideAfterCall,
  decideAfterLateCall,
} from './decide-breaker.ts';

const policy: BreakerPolicy = {
  failureShare: 0.8,
  minCalls: 5,
  windowCalls: 10,
  probeMs: 1000,
  probeMaxMs: 8000,
};
const report = (health: CallHealth, nowMs = 0, retryAfterMs: number | null = null) => ({
  health,
  retryAfterMs,
  nowMs,
  random: 0,
});
const hear = (state: BreakerState, ...healths: CallHealth[]) =>
  healths.reduce((before, health) => decideAfterCall(before, report(health), policy), state);
const times = (count: number, health: CallHealth) => Array.from({ length: count }, () => health);
const opened = () =>
  hear(closedBreaker(0), ...times(5, 'failing')) as Extract<BreakerState, { kind: 'open' }>;
const probe = (state: BreakerState, health: CallHealth, nowMs = 0) => {
  if (state.kind !== 'open') throw new Error(state.kind);
  return decideAfterCall(beginProbe(state, nowMs), report(health, nowMs), policy);
};

describe('a closed breaker', () => {
  test('opens when enough of the last calls failed', () => {
    expect(hear(closedBreaker(0), ...times(4, 'failing')).kind).toBe('closed');
    expect(hear(closedBreaker(0), ...times(5, 'failing')).kind).toBe('open');
  });

  test('stays closed while a smaller share fails, however many calls that is', () => {
    let state: BreakerState = closedBreaker(0);
    for (let round = 0; round < 50; round += 1) state = hear(state, 'failing', 'healthy');
    expect(state.kind).toBe('closed');
  });

  test('considers only the last calls, so that long success before an outage does not delay it', () => {
    const state = hear(closedBreaker(0), ...times(1000, 'healthy'));
    expect(hear(state, ...times(7, 'failing')).kind).toBe('closed');
    expect(hear(state, ...times(8, 'failing')).kind).toBe('open');
  });

  test('forgets calls after a minute', () => {
    const state = hear(closedBreaker(0), ...times(4, 'failing'));
    expect(decideAfterCall(state, report('failing', 60_001), policy).kind).toBe('closed');
  });

  test('never opens when it is turned off', () => {
    const off = { ...policy, minCalls: 0 };
    let state: BreakerState = closedBreaker(0);
    for (let call = 0; call < 100; call += 1) state = decideAfterCall(state, report('failing'), off);
    expect(state).toEqual(closedBreaker(0));
  });
});

describe('a gateway that has too many calls', () => {
  const limited = (state: BreakerState, nowMs: number) =>
    decideAfterCall(state, report('limited', nowMs), policy) as Extract<BreakerState, { kind: 'closed' }>;

  test('gets half as many at once, and half of those when a second brings no relief', () => {
    let state = limited(closedBreaker(0), 0);
    expect(state).toMatchObject({ kind: 'closed', allowance: 5 });
    expect(limited(state, 999).allowance).toBe(5);
    state = limited(state, 1000);
    expect(state.allowance).toBe(2);
    expect(limited(state, 2000).allowance).toBe(1);
  });

  test('gets more again slowly: one more for as many answers as there are calls at once', () => {
    const state = hear(limited(closedBreaker(0), 0), ...times(5, 'healthy'));
    expect(state).toMatchObject({ kind: 'closed' });
    expect('allowance' in state && state.allowance).toBeLessThanOrEqual(6);
    const recovered = hear(state, ...times(100, 'healthy'));
    expect(recovered).toMatchObject({ allowance: Number.POSITIVE_INFINITY, limitedAtMs: null });
  });

  test('is left alone if that is all it says', () => {
    expect(hear(closedBreaker(0), ...times(5, 'limited')).kind).toBe('open');
    expect(probe(opened(), 'limited').kind).toBe('open');
  });
});

describe('an open breaker', () => {
  test('waits for its first probe, with jitter on top', () => {
    expect(opened().probeAtMs).toBe(1000);
    const jittered = decideAfterCall(
      hear(closedBreaker(0), ...times(4, 'failing')),
      { ...report('failing'), random: 0.5 },
      policy,
    );
    expect(jittered).toMatchObject({ kind: 'open', probeAtMs: 1100 });
  });

  test('waits at least as long as the gateway asks for, whether in the call that opened it or in one that ends later', () => {
    const state = hear(closedBreaker(0), ...times(4, 'failing'));
    expect(decideAfterCall(state, report('failing', 0, 20_000), policy)).toMatchObject({ probeAtMs: 20_000 });
    expect(decideAfterLateCall(opened(), report('failing', 500, 30_000))).toMatchObject({
      probeAtMs: 30_500,
    });
    expect(decideAfterLateCall(opened(), report('failing', 500, 1))).toMatchObject({ probeAtMs: 1000 });
  });

  test('is not closed by a call that was under way when it opened', () => {
    expect(decideAfterLateCall(opened(), report('healthy'))).toEqual(opened());
  });

  test('doubles its pause with each probe that fails, up to the longest', () => {
    let state: BreakerState = opened();
    const pauses = [];
    for (let probes = 0; probes < 6; probes += 1) {
      state = probe(state, 'failing', 50_000);
      pauses.push(state.kind === 'open' && state.probeAtMs - 50_000);
    }
    expect(pauses).toEqual([2000, 4000, 8000, 8000, 8000, 8000]);
  });

  test('may send another probe at once when one was not made after all', () => {
    expect(probe(opened(), 'says_nothing', 3000)).toMatchObject({
      kind: 'open',
      probeAtMs: 3000,
      openedCount: 1,
    });
  });
});

describe('a breaker that closes', () => {
  test('does so on any sensible answer to its probe', () => {
    expect(probe(opened(), 'healthy').kind).toBe('closed');
  });

  test('lets few calls through first, one more for each healthy answer, and all of them in the end', () => {
    const closed = probe(opened(), 'healthy');
    expect(closed).toMatchObject({ allowance: 2 });
    expect(hear(closed, 'healthy', 'failing', 'healthy')).toMatchObject({ allowance: 4, openedCount: 1 });
    expect(hear(closed, ...times(9, 'healthy'))).toMatchObject({
      allowance: Number.POSITIVE_INFINITY,
      openedCount: 0,
    });
  });

  test('that opens again before it has recovered goes on with long pauses', () => {
    const relapsed = hear(probe(opened(), 'healthy'), ...times(5, 'failing'));
    expect(relapsed).toMatchObject({ kind: 'open', probeAtMs: 2000 });
  });
});

test('whatever happens, pauses stay within their limits and a healthy probe closes it', () => {
  const health = fc.constantFrom<CallHealth>('healthy', 'failing', 'says_nothing');
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(health, fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 0.999, noNaN: true })),
      ),
      (calls) => {
        let nowMs = 0;
        let state: BreakerState = closedBreaker(0);
        for (const [each, passedMs, random] of calls) {
          nowMs += passedMs;
          if (state.kind === 'open' && state.probeAtMs <= nowMs) state = beginProbe(state, nowMs);
          const wasProbe = state.kind === 'half_open';
          state = decideAfterCall(state, { health: each, nowMs, random, retryAfterMs: null }, policy);
          if (wasProbe && each === 'healthy') expect(state.kind).toBe('closed');
          if (state.kind === 'open') expect(state.probeAtMs - state.sinceMs).toBeLessThanOrEqual(8000 * 1.2);
          if (state.kind === 'closed') expect(state.calls.length).toBeLessThanOrEqual(policy.windowCalls);
        }
      },
    ),
  );
});
