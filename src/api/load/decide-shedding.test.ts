import { decideShedding, type Load } from './decide-shedding.ts';

const limits = { maxRequestCount: 100, maxEventLoopDelayMs: 1000, maxMemoryShare: 0.8 };
const idle: Load = { requestCount: 1, eventLoopDelayMs: 0, memoryShare: 0.1 };
const decide = (changes: Partial<Load>, isWrite: boolean) =>
  decideShedding({ ...idle, ...changes }, { isWrite, limits });

test('a process that is not busy turns nobody away', () => {
  expect(decide({}, true)).toBeUndefined();
  expect(decide({}, false)).toBeUndefined();
  expect(decide({ requestCount: 100, eventLoopDelayMs: 1000, memoryShare: 0.8 }, true)).toBeUndefined();
});

test.each([
  ['requests', { requestCount: 101 }, { requestCount: 126 }],
  ['event_loop', { eventLoopDelayMs: 1001 }, { eventLoopDelayMs: 2001 }],
  ['memory', { memoryShare: 0.81 }, { memoryShare: 0.91 }],
])('too much of %s turns writes away first, and reads when it gets worse', (reason, busy, busier) => {
  expect(decide(busy, true)).toBe(reason);
  expect(decide(busy, false)).toBeUndefined();
  expect(decide(busier, false)).toBe(reason);
});
