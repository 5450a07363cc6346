import fc from 'fast-check';
import { testConfig } from '../../test/support/test-config.ts';
import { behaviourFromConfig, type CallMode } from './behaviour.ts';
import { decideCall, drawLatencyMs } from './decide-call.ts';

const standard = behaviourFromConfig(testConfig());
const call = (index: number, callNumber = 0) => ({ seed: 's', reference: `r${index}`, callNumber });
const indexes = Array.from({ length: 5000 }, (_, index) => index);

test('calls are decided in the configured shares', () => {
  const modes = indexes.map((index) => decideCall(standard, call(index)));
  const share = (...wanted: CallMode[]) =>
    modes.filter((mode) => wanted.includes(mode)).length / modes.length;
  expect(Math.abs(share('timeout', 'execute_then_timeout') - 0.1)).toBeLessThan(0.02);
  expect(Math.abs(share('error', 'execute_then_error') - 0.25)).toBeLessThan(0.02);
  expect(Math.abs(share('execute_then_error', 'execute_then_timeout') - 0.175)).toBeLessThan(0.02);
});

test('each call of a payment is drawn anew, so that retries come through', () => {
  const stuck = indexes.filter((index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].every((callNumber) => decideCall(standard, call(index, callNumber)) !== 'ok'),
  );
  // 0.35 to the power of 8 is one in 4,400.
  expect(stuck.length).toBeLessThan(10);
});

test('the same call is decided the same way each time', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(), (seed, reference, callNumber) => {
      const one = { seed, reference, callNumber };
      expect(decideCall(standard, one)).toBe(decideCall(standard, { ...one }));
      expect(drawLatencyMs(standard, one)).toBe(drawLatencyMs(standard, { ...one }));
    }),
  );
});

test('half of the latencies are below the median and one in a hundred above the 99th percentile', () => {
  const behaviour = { ...standard, latency_median_ms: 20, latency_p99_ms: 200 };
  const latencies = indexes.map((index) => drawLatencyMs(behaviour, call(index)));
  const shareAbove = (ms: number) => latencies.filter((latency) => latency > ms).length / latencies.length;
  expect(Math.abs(shareAbove(20) - 0.5)).toBeLessThan(0.03);
  expect(Math.abs(shareAbove(200) - 0.01)).toBeLessThan(0.005);
  expect(Math.max(...latencies)).toBeLessThanOrEqual(2000);
});

test('if the percentile is not above the median, every call takes the median', () => {
  const behaviour = { ...standard, latency_median_ms: 20, latency_p99_ms: 20 };
  expect(new Set(indexes.map((index) => drawLatencyMs(behaviour, call(index))))).toEqual(new Set([20]));
});
