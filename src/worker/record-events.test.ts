import { testConfig } from '../../test/support/test-config.ts';
import type { AskedPayment } from '../payments/unknown/ask-about-unknown.ts';
import { createLogger } from '../telemetry/logging.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { createEventRecorder } from './record-events.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

const payment: AskedPayment['payment'] = {
  paymentId: 1n,
  userId: 1n,
  walletId: 1n,
  type: 'withdraw',
  amountMinor: 5000n,
  feeMinor: 100n,
  walletPaysFee: true,
  redriveOf: null,
  refundOf: null,
  currency: 'USD',
  reference: 'payment-1',
  createdAt: new Date(Date.now() - 90_000),
  status: 'unknown',
  gatewayReference: null,
  hasSucceededAttempt: false,
};

function record(asked: AskedPayment) {
  const registry = createRegistry();
  const log = createLogger(testConfig(), 'worker');
  createEventRecorder(log, createWorkerMetrics(registry), {
    differencesFound() {},
    renewalFailed() {},
  }).asked(asked);
  return registry.metrics();
}

test('a payment that the gateway turns out to have carried out counts as settled, with its money and its age', async () => {
  const page = await record({
    paymentId: payment.paymentId,
    payment,
    decision: { kind: 'succeeded', gatewayReference: 'gw-1' },
    isConcluded: true,
    newDifferences: [],
  });
  expect(page).toContain('tollgate_payments_settled_total{type="withdraw"} 1\n');
  expect(page).toContain('tollgate_settled_amount_minor_units_total{type="withdraw",currency="USD"} 5000\n');
  expect(page).toContain('tollgate_fee_income_minor_units_total{type="withdraw",currency="USD"} 100\n');
  expect(page).toContain('tollgate_payment_accept_to_settle_seconds_bucket{le="60",type="withdraw"} 0\n');
  expect(page).toContain('tollgate_payment_accept_to_settle_seconds_bucket{le="300",type="withdraw"} 1\n');
});

test('a payment that another process concluded first is counted there and not here', async () => {
  const page = await record({
    paymentId: payment.paymentId,
    payment,
    decision: { kind: 'succeeded', gatewayReference: 'gw-1' },
    isConcluded: false,
    newDifferences: [],
  });
  expect(page).toContain('tollgate_unknown_inquiries_total{result="succeeded"} 1\n');
  expect(page).toContain('tollgate_payments_settled_total{type="withdraw"} 0\n');
  expect(page).not.toContain('tollgate_settled_amount_minor_units_total{');
});

test('counters exist before anything happens that they count', async () => {
  const page = await createMetricsPage();
  for (const reason of ['refused', 'attempts_exhausted', 'outcome_unknown', 'poison']) {
    expect(page).toContain(`tollgate_dead_letters_total{reason="${reason}"} 0\n`);
  }
  expect(page).toContain('tollgate_payments_failed_total{type="deposit",reason="refused"} 0\n');
});

function createMetricsPage() {
  const registry = createRegistry();
  createWorkerMetrics(registry);
  return registry.metrics();
}
