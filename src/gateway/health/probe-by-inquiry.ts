import type { PaymentGateway } from '../port/payment-gateway.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/**
 * A gateway whose inquiries tell the breaker how they went. While the breaker is open the first of them that may go is its
 * probe: a question moves nothing and burns no attempt.
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
