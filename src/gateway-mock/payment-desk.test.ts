import { behaviourSchema } from './behaviour.ts';
import { createBehaviourStore } from './behaviour-store.ts';
import { createGatewayMemory } from './gateway-memory.ts';
import { createPaymentDesk } from './payment-desk.ts';

const faultless = behaviourSchema.parse({
  timeout_rate: 0,
  error_rate: 0,
  refusal_rate: 0,
  executed_fault_rate: 0,
  latency_median_ms: 0,
  latency_p99_ms: 0,
  timeout_hold_ms: 0,
  inquiry_error_rate: 0,
  inquiry_lag_ms: 0,
  is_down: false,
  payments: {},
});

test('a gateway whose memory is full carries out no new payment, and still answers for those that it knows', () => {
  const memory = createGatewayMemory({ file: undefined, maxPayments: 1 });
  const behaviour = createBehaviourStore(faultless);
  const desk = createPaymentDesk({ seed: 's', behaviour, memory, maxPayments: 1 });
  const pay = (reference: string) => {
    const call = desk.take(reference, {
      paymentId: reference,
      userId: '1',
      refundOf: null,
      type: 'deposit',
      amountMinor: 100n,
      feeMinor: 2n,
      currency: 'USD',
    });
    return call.kind === 'taken' ? call.finish().kind : call.kind;
  };
  expect(pay('1')).toBe('succeeded');
  expect(pay('2')).toBe('fault');
  expect(pay('1')).toBe('succeeded');
  expect(desk.inquire('2').kind).toBe('not_found');
  expect(desk.exportBook({ after: 0, limit: 10 }).entries).toHaveLength(1);
});
