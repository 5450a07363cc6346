import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';
import { decideAfterInquiry, type OpenInquiry } from './decide-after-inquiry.ts';

const MINUTE_MS = 60_000;
const payment = { paymentId: 42n, reference: '42-abc', status: 'unknown' } as RecordedPayment;
/** It has been asked about so often that the next question would come tomorrow. */
const inquiry = { askedCount: 50, notFoundCount: 0 } as OpenInquiry;

function pauseAfter(errorClass: string, retryAfterMs: number | null = null): number | undefined {
  const answer: InquiryOutcome = {
    kind: 'unknown',
    errorClass,
    message: 'said so',
    httpStatus: 400,
    retryAfterMs,
  };
  const decision = decideAfterInquiry(payment, inquiry, answer, {
    steadyForMs: Number.POSITIVE_INFINITY,
    notFoundGraceMs: 1000,
    evidence: [],
  });
  return 'pauseMs' in decision ? decision.pauseMs : undefined;
}

test.each(['rate_limited', 'unauthorized', 'wrong_address', 'http_4xx', 'http_3xx'])(
  'a question that is turned away (%s) is asked again within minutes, however many there were',
  (errorClass) => {
    expect(pauseAfter(errorClass)).toBe(10 * MINUTE_MS);
    expect(pauseAfter('timeout')).toBe(24 * 60 * MINUTE_MS);
  },
);

test('a longer pause that the gateway asks for is kept', () => {
  expect(pauseAfter('rate_limited', 30 * MINUTE_MS)).toBe(30 * MINUTE_MS);
  expect(pauseAfter('rate_limited', 1000)).toBe(10 * MINUTE_MS);
});
