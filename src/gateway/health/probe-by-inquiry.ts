import type { PaymentGateway } from '../port/payment-gateway.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/**
 * A gateway whose inquiries report their result to the breaker. While the breaker is open, the first inquiry that is allowed is its probe:
 * an inquiry moves no money and uses up no attempt.
 */
export function probeByInquiry(gateway: PaymentGateway, breaker: CircuitBreaker): PaymentGateway {
  return {
    ...gateway,
    async inquire(reference, signal) {
      const ticket = breaker.beginProbe() ?? breaker.ticket();
      let outcome: Awaited<ReturnType<PaymentGateway['inquire']>> | undefined;
      try {
        outcome = await gateway.inquire(reference, signal);
        return outcome;
      } finally {
        breaker.record(ticket, outcome);
      }
    },
  };
}
