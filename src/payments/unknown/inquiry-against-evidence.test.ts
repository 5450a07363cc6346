import fc from 'fast-check';
import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import { EVIDENCE_SOURCES, type Evidence } from '../evidence/evidence.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';
import { decideAfterInquiry } from './decide-after-inquiry.ts';

const payment: RecordedPayment = {
  paymentId: 7n,
  userId: 1n,
  walletId: 1n,
  type: 'withdraw',
  amountMinor: 5000n,
  feeMinor: 100n,
  walletPaysFee: true,
  redriveOf: null,
  refundOf: null,
  currency: 'USD',
  reference: '7-9f1c3a5b7d20',
  status: 'unknown',
  gatewayReference: null,
  createdAt: new Date(0),
  hasSucceededAttempt: false,
};
const answers = fc.constantFrom<InquiryOutcome>(
  { kind: 'not_found' },
  { kind: 'refused', errorClass: 'refused', message: 'declined', httpStatus: 200 },
  { kind: 'unknown', errorClass: 'timeout', message: 'no answer', httpStatus: null },
);
const inquiries = fc.record({
  askedCount: fc.nat(20),
  notFoundCount: fc.nat(5),
  quietForMs: fc.integer({ min: -1000, max: 100_000_000 }),
  notFoundForMs: fc.option(fc.nat(100_000_000)),
});
const evidenceOf = (source: Evidence['source']): Evidence => ({
  source,
  paymentId: 7n,
  what: 'it succeeded',
  at: new Date(0),
});

test('no answer fails a payment while anything recorded says that its money moved', () => {
  fc.assert(
    fc.property(
      inquiries,
      answers,
      fc.array(fc.constantFrom(...EVIDENCE_SOURCES), { minLength: 1, maxLength: 3 }),
      (inquiry, answer, sources) => {
        const evidence = sources.map(evidenceOf);
        const decision = decideAfterInquiry(payment, inquiry, answer, {
          steadyForMs: Number.POSITIVE_INFINITY,
          notFoundGraceMs: 0,
          evidence,
        });
        expect(['ask_again', 'disputed']).toContain(decision.kind);
      },
    ),
  );
});

test('an answer that would have failed it is the difference that a person sees', () => {
  fc.assert(
    fc.property(inquiries, answers, (inquiry, answer) => {
      const policy = { notFoundGraceMs: 900_000, steadyForMs: Number.POSITIVE_INFINITY };
      const without = decideAfterInquiry(payment, inquiry, answer, { ...policy, evidence: [] });
      const against = decideAfterInquiry(payment, inquiry, answer, {
        ...policy,
        evidence: [evidenceOf('callback')],
      });
      if (without.kind !== 'failed') return expect(against).toEqual(without);
      expect(against).toMatchObject({
        kind: 'disputed',
        differences: [{ kind: 'status_contradiction', theirs: { status: answer.kind } }],
      });
    }),
  );
});
