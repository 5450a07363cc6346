import type {
  InquiryOutcome,
  PaymentGateway,
  PaymentInstruction,
  PayOutcome,
} from '../../src/gateway/port/payment-gateway.ts';

const failure = (errorClass: string) => ({ errorClass, message: errorClass, httpStatus: null });

/** Answers that a test lets its gateway give. */
export const answers = {
  succeeded: { kind: 'succeeded', gatewayReference: 'gw', httpStatus: 200 },
  refused: { kind: 'refused', ...failure('refused') },
  notExecuted: { kind: 'not_executed', retryAfterMs: null, ...failure('connection_refused') },
  unknown: { kind: 'unknown', retryAfterMs: null, ...failure('timeout') },
} as const satisfies Record<string, PayOutcome>;

/** A gateway inside the test that answers what the test tells it to, and remembers what it was asked. */
export function createScriptedGateway() {
  const sent: PaymentInstruction[] = [];
  const inquired: string[] = [];
  let onPay: (instruction: PaymentInstruction, sendNumber: number) => PayOutcome | Promise<PayOutcome> = () =>
    answers.succeeded;
  let onInquire: (reference: string) => InquiryOutcome | Promise<InquiryOutcome> = () => ({
    kind: 'not_found',
  });

  const gateway: PaymentGateway = {
    async pay(instruction) {
      sent.push(instruction);
      return await onPay(
        instruction,
        sent.filter((other) => other.reference === instruction.reference).length,
      );
    },
    async inquire(reference) {
      inquired.push(reference);
      return await onInquire(reference);
    },
    close() {},
  };
  return {
    gateway,
    sent,
    inquired,
    answerSends(answer: typeof onPay): void {
      onPay = answer;
    },
    answerInquiries(answer: typeof onInquire): void {
      onInquire = answer;
    },
  };
}
