import fc from 'fast-check';
import { type NamedFacts, NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import type { InquiryOutcome, PayOutcome } from '../../gateway/port/payment-gateway.ts';
import {
  type AttemptedPayment,
  type AttemptResult,
  decideAfterAttempt,
  reportOf,
} from './decide-after-attempt.ts';

const policy = {
  maxAttempts: 3,
  backoff: { baseMs: 1000, maxMs: 30_000, jitterMs: 500 },
  notFoundGraceMs: 10_000,
};
const freshTask = { attempts: 0, unknownForMs: null, notFoundCount: 0, turnedAwayCount: 0 };
const told = {
  paymentId: 42n,
  reference: '42-abc',
  type: 'withdraw',
  amountMinor: 5000n,
  currency: 'USD',
} as const;
const failure = { errorClass: 'x', message: 'said so', httpStatus: 500 };

const succeeded: PayOutcome = { kind: 'succeeded', gatewayReference: 'gw-1', httpStatus: 200 };
const refused: PayOutcome = { kind: 'refused', ...failure };
const notExecuted: PayOutcome = { kind: 'not_executed', retryAfterMs: null, ...failure };
const unknown: PayOutcome = { kind: 'unknown', retryAfterMs: null, ...failure };
const notFound: InquiryOutcome = { kind: 'not_found' };

const decide = (
  task: AttemptedPayment['task'],
  result: { inquiry?: InquiryOutcome | null; pay?: PayOutcome | null },
) =>
  decideAfterAttempt(
    { ...told, task },
    { inquiry: null, pay: null, latencyMs: 1, ...result },
    { policy, steadyForMs: Number.POSITIVE_INFINITY, random: 0 },
  );

describe('after an attempt', () => {
  test('a success ends the payment with the gateway reference', () => {
    expect(decide(freshTask, { pay: succeeded })).toEqual({ kind: 'succeeded', gatewayReference: 'gw-1' });
  });

  test('a refusal fails the payment at the first attempt', () => {
    expect(decide(freshTask, { pay: refused })).toMatchObject({ kind: 'failed', reason: 'refused' });
  });

  test('a timeout is tried again after the backoff, and remembered as possibly executed', () => {
    expect(decide(freshTask, { pay: unknown })).toMatchObject({
      kind: 'retry',
      delayMs: 1000,
      unknown: 'started_now',
    });
  });

  test('Retry-After is obeyed when it is longer than the backoff', () => {
    const pay: PayOutcome = { ...notExecuted, retryAfterMs: 7000 };
    expect(decide(freshTask, { pay })).toMatchObject({ kind: 'retry', delayMs: 7000, unknown: 'cleared' });
    expect(decide(freshTask, { pay: { ...pay, retryAfterMs: 10 } })).toMatchObject({ delayMs: 1000 });
  });

  test('the last attempt fails the payment when no call was executed', () => {
    const task = { ...freshTask, attempts: 2 };
    expect(decide(task, { pay: notExecuted })).toMatchObject({
      kind: 'failed',
      reason: 'attempts_exhausted',
    });
  });

  test('a failed attempt while the gateway is down uses up no attempt, not even the last one', () => {
    const task = { ...freshTask, attempts: 2 };
    for (const pay of [notExecuted, unknown]) {
      const result = { inquiry: null, pay, latencyMs: 1 };
      const decision = decideAfterAttempt({ ...told, task }, result, {
        policy,
        steadyForMs: Number.POSITIVE_INFINITY,
        random: 0,
        gateway: 'down',
      });
      expect(decision).toMatchObject({ kind: 'retry', usesAttempt: false });
    }
    expect(decide(freshTask, { pay: notExecuted })).toMatchObject({ kind: 'retry', usesAttempt: true });
  });

  test('the gateway’s own word ends a payment even while it is down', () => {
    const result = { inquiry: null, latencyMs: 1 };
    const steadyForMs = Number.POSITIVE_INFINITY;
    const down = { policy, random: 0, steadyForMs, gateway: 'down' as const };
    const payment = { ...told, task: freshTask };
    expect(decideAfterAttempt(payment, { ...result, pay: succeeded }, down).kind).toBe('succeeded');
    expect(decideAfterAttempt(payment, { ...result, pay: refused }, down).kind).toBe('failed');
  });

  describe.each(['rate_limited', 'unauthorized', 'wrong_address', 'http_4xx', 'http_3xx'])(
    'an attempt that is turned away (%s)',
    (errorClass) => {
      const turnedAway: PayOutcome[] = [
        { kind: 'not_executed', retryAfterMs: null, ...failure, errorClass },
        { kind: 'unknown', retryAfterMs: null, ...failure, errorClass },
      ];

      test('uses up no attempt, not even the last one, and never ends the payment', () => {
        for (const pay of turnedAway) {
          let task = { ...freshTask, attempts: 2 };
          for (let run = 0; run < 200; run += 1) {
            const decision = decide(task, { pay });
            expect(decision).toMatchObject({ kind: 'retry', usesAttempt: false, turnedAwayCount: run + 1 });
            if (decision.kind === 'retry') task = { ...task, turnedAwayCount: decision.turnedAwayCount };
          }
        }
      });

      test('waits longer each time, up to the longest pause', () => {
        const delays = [0, 1, 2, 3, 10].map((turnedAwayCount) => {
          const decision = decide({ ...freshTask, turnedAwayCount }, { pay: turnedAway[0] ?? null });
          return decision.kind === 'retry' && decision.delayMs;
        });
        expect(delays).toEqual([1000, 2000, 4000, 8000, 30_000]);
      });

      test('counts as turned away even if only the inquiry before the send was', () => {
        const task = { ...freshTask, attempts: 2, unknownForMs: 500 };
        const inquiry: InquiryOutcome = { kind: 'unknown', ...failure, errorClass, retryAfterMs: 60_000 };
        expect(decide(task, { inquiry })).toMatchObject({
          kind: 'retry',
          usesAttempt: false,
          delayMs: 60_000,
          unknown: 'kept',
        });
      });

      test('is forgotten once another attempt gets through', () => {
        const task = { ...freshTask, turnedAwayCount: 7 };
        expect(decide(task, { pay: unknown })).toMatchObject({ turnedAwayCount: 0, delayMs: 1000 });
      });
    },
  );

  test('a call that was given up before it was made uses up no attempt', () => {
    const task = { ...freshTask, attempts: 2 };
    const givenUp = { ...failure, errorClass: 'aborted' };
    expect(decide(task, { pay: { kind: 'not_executed', retryAfterMs: null, ...givenUp } })).toMatchObject({
      kind: 'retry',
      usesAttempt: false,
    });
    expect(decide(task, { inquiry: { kind: 'unknown', ...givenUp } })).toMatchObject({ usesAttempt: false });
  });

  test('the last attempt leaves the outcome unknown when its call may have executed', () => {
    expect(decide({ ...freshTask, attempts: 2 }, { pay: unknown })).toMatchObject({ kind: 'unknown' });
  });

  test('the last attempt leaves the outcome unknown when an earlier call may have executed', () => {
    const task = { ...freshTask, attempts: 2, unknownForMs: 500, notFoundCount: 0 };
    expect(decide(task, { inquiry: notFound, pay: notExecuted })).toMatchObject({ kind: 'unknown' });
  });

  test('not found counts as not executed only after the grace period and on repeated answers', () => {
    const enough = 1;
    const late = {
      ...freshTask,
      attempts: 2,
      unknownForMs: 10_000,
      notFoundForMs: 5000,
      notFoundCount: enough,
    };
    expect(decide(late, { inquiry: notFound, pay: notExecuted })).toMatchObject({ kind: 'failed' });
    expect(decide({ ...late, unknownForMs: 9999 }, { inquiry: notFound, pay: notExecuted })).toMatchObject({
      kind: 'unknown',
    });
    expect(decide({ ...late, notFoundCount: 0 }, { inquiry: notFound, pay: notExecuted })).toMatchObject({
      kind: 'unknown',
    });
  });

  test('a refusal of the send does not fail a payment whose earlier call may have executed', () => {
    const task = { ...freshTask, attempts: 1, unknownForMs: 500, notFoundCount: 0 };
    expect(decide(task, { inquiry: notFound, pay: refused })).toMatchObject({
      kind: 'retry',
      unknown: 'kept',
    });
    expect(decide({ ...task, attempts: 2 }, { inquiry: notFound, pay: refused })).toMatchObject({
      kind: 'unknown',
    });
    const settled = {
      ...freshTask,
      attempts: 2,
      unknownForMs: 10_000,
      notFoundForMs: 5000,
      notFoundCount: 1,
    };
    expect(decide(settled, { inquiry: notFound, pay: refused })).toMatchObject({
      kind: 'failed',
      reason: 'refused',
    });
  });

  test('a refusal in the answer to an inquiry fails the payment', () => {
    const task = { ...freshTask, attempts: 1, unknownForMs: 500, notFoundCount: 0 };
    expect(decide(task, { inquiry: { kind: 'refused', ...failure } })).toMatchObject({
      kind: 'failed',
      reason: 'refused',
    });
  });

  test('an inquiry that finds the payment executed settles it without a send', () => {
    const task = { ...freshTask, attempts: 1, unknownForMs: 500, notFoundCount: 0 };
    const inquiry: InquiryOutcome = { kind: 'succeeded', gatewayReference: 'gw-9' };
    expect(decide(task, { inquiry })).toEqual({ kind: 'succeeded', gatewayReference: 'gw-9' });
  });

  test('after an inquiry without an answer, the earlier call still counts', () => {
    const task = { ...freshTask, attempts: 1, unknownForMs: 500, notFoundCount: 1 };
    const decision = decide(task, { inquiry: { kind: 'unknown', ...failure } });
    expect(decision).toMatchObject({ kind: 'retry', unknown: 'kept', notFoundCount: 1 });
  });

  test('no payment fails while one of its calls may have executed, whatever happens in whatever order', () => {
    const pays = fc.constantFrom<PayOutcome>(notExecuted, unknown);
    const steps = fc.array(fc.record({ pay: pays, isFound: fc.boolean() }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(steps, (history) => {
        let task: AttemptedPayment['task'] = freshTask;
        let mayHaveExecuted = false;
        for (const { pay } of history) {
          const inquiry = task.unknownForMs === null ? null : notFound;
          const decision = decide(task, { inquiry, pay });
          mayHaveExecuted ||= pay.kind === 'unknown';
          if (mayHaveExecuted) expect(decision.kind).not.toBe('failed');
          if (decision.kind !== 'retry') return;
          const unknownForMs = decision.unknown === 'cleared' ? null : 100;
          task = {
            ...freshTask,
            attempts: task.attempts + 1,
            unknownForMs,
            notFoundCount: decision.notFoundCount,
          };
        }
      }),
    );
  });

  describe('a definite word that names something else', () => {
    const others: [string, Partial<NamedFacts>, string][] = [
      ['another amount', { amount: '0.5' }, 'amount_mismatch'],
      ['another currency', { currency: 'JPY' }, 'amount_mismatch'],
      ['another direction', { type: 'deposit' }, 'amount_mismatch'],
      ['another payment', { reference: 'another' }, 'reference_mismatch'],
    ];
    test.each(others)('(%s) decides nothing, in whichever answer it stands', (_what, changes, kind) => {
      const named = { ...NOTHING_NAMED, ...changes };
      const disputed = { kind: 'disputed', differences: [{ paymentId: 42n, kind }] };
      const waiting = { ...freshTask, attempts: 1, unknownForMs: 500, notFoundCount: 0 };
      for (const task of [freshTask, { ...freshTask, attempts: 2 }]) {
        expect(decide(task, { pay: { ...succeeded, named } })).toMatchObject(disputed);
        expect(decide(task, { pay: { ...refused, named } })).toMatchObject(disputed);
      }
      const inquiry: InquiryOutcome = { kind: 'succeeded', gatewayReference: 'gw', named };
      expect(decide(waiting, { inquiry })).toMatchObject(disputed);
      expect(decide(waiting, { inquiry: { kind: 'refused', ...failure, named } })).toMatchObject(disputed);
      expect(decide(waiting, { inquiry: notFound, pay: { ...refused, named } })).toMatchObject(disputed);
    });

    test('is kept as evidence with its attempt if it was a success', () => {
      const pay = { ...succeeded, named: { ...NOTHING_NAMED, amount: '0.5' } };
      const decision = decide(freshTask, { pay });
      expect(reportOf({ inquiry: null, pay, latencyMs: 1 }, decision)).toMatchObject({
        outcome: 'succeeded',
        errorClass: 'disputed',
        error: expect.stringContaining('0.5'),
      });
    });
  });

  test('other words of the gateway for the same facts are no difference', () => {
    const named = { amount: '5e1', currency: 'usd', type: 'withdraw', reference: '42-abc' };
    expect(decide(freshTask, { pay: { ...succeeded, named } })).toMatchObject({ kind: 'succeeded' });
  });

  test('the report of an attempt says what the send was answered, or else the inquiry', () => {
    const result = (parts: Partial<AttemptResult>): AttemptResult => ({
      inquiry: null,
      pay: null,
      latencyMs: 1.4,
      ...parts,
    });
    expect(reportOf(result({ pay: unknown }))).toMatchObject({
      outcome: 'unknown',
      errorClass: 'x',
      latencyMs: 1,
    });
    expect(reportOf(result({ inquiry: { kind: 'succeeded', gatewayReference: null } }))).toMatchObject({
      outcome: 'succeeded',
      inquiry: 'succeeded',
    });
    expect(reportOf(result({ inquiry: notFound, pay: succeeded }))).toMatchObject({
      outcome: 'succeeded',
      inquiry: 'not_found',
    });
    expect(reportOf(result({ inquiry: notFound }))).toMatchObject({
      outcome: 'unknown',
      inquiry: 'not_found',
    });
  });
});
