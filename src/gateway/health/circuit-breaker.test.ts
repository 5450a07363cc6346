import type { PayOutcome } from '../port/payment-gateway.ts';
import { type BreakerChange, createCircuitBreaker } from './circuit-breaker.ts';

const { jest } = import.meta;

const timeout: PayOutcome = {
  kind: 'unknown',
  retryAfterMs: null,
  errorClass: 'timeout',
  message: 'no answer in time',
  httpStatus: null,
};
const success: PayOutcome = { kind: 'succeeded', gatewayReference: null, httpStatus: 200 };

function makeBreaker() {
  let nowMs = 0;
  const changes: BreakerChange[] = [];
  const breaker = createCircuitBreaker({
    policy: { failureShare: 1, minCalls: 2, windowCalls: 10, probeMs: 1000, probeMaxMs: 4000 },
    onChange: (change) => changes.push(change),
    now: () => nowMs,
    random: () => 0,
  });
  const fail = () => {
    for (let call = 0; call < 2; call += 1) breaker.record(breaker.ticket(), timeout);
  };
  return { breaker, changes, fail, pass: (ms: number) => (nowMs += ms) };
}

test('a breaker that opens says why, and when it will try again', () => {
  const { breaker, changes, fail } = makeBreaker();
  fail();
  expect(breaker.isClosed()).toBe(false);
  expect(breaker.allowance()).toBe(0);
  expect(changes).toEqual([
    { from: 'closed', to: 'open', reason: 'timeout: no answer in time', probeInMs: 1000 },
  ]);
});

test('one probe goes out when it is due, and nothing else', () => {
  const { breaker, fail, pass } = makeBreaker();
  fail();
  expect([breaker.isProbeDue(), breaker.beginProbe()]).toEqual([false, undefined]);
  pass(1000);
  expect(breaker.isProbeDue()).toBe(true);
  expect(breaker.beginProbe()).toBeDefined();
  expect([breaker.isProbeDue(), breaker.beginProbe()]).toEqual([false, undefined]);
});

test('only the probe decides: calls that began before it change nothing', () => {
  const { breaker, fail, pass } = makeBreaker();
  const earlier = breaker.ticket();
  fail();
  pass(1000);
  const probe = breaker.beginProbe() as number;
  breaker.record(earlier, success);
  expect(breaker.view().state).toBe('half_open');
  breaker.record(probe, success);
  expect(breaker.view().state).toBe('closed');
  breaker.record(earlier, timeout);
  breaker.record(earlier, timeout);
  expect(breaker.isClosed()).toBe(true);
});

test('a probe that was not made after all leaves the next one due', () => {
  const { breaker, fail, pass } = makeBreaker();
  fail();
  pass(1000);
  breaker.record(breaker.beginProbe() as number, undefined);
  expect(breaker.isProbeDue()).toBe(true);
});

test('its state, since when, and the time of the next probe can be seen', () => {
  const { breaker, fail, pass } = makeBreaker();
  fail();
  pass(400);
  // The wall clock moves on between any two readings of it.
  const startMs = Date.now();
  let wallMs = startMs;
  jest.spyOn(Date, 'now').mockImplementation(() => (wallMs += 1));
  const { state, since, nextProbeAt } = breaker.view();
  jest.restoreAllMocks();
  expect(state).toBe('open');
  expect(Number(nextProbeAt) - Number(since)).toBe(1000);
  expect(Number(since)).toBeGreaterThanOrEqual(startMs - 400);
  expect(Number(since)).toBeLessThanOrEqual(wallMs - 400);
});
