import { describeFailure } from '../port/gateway-failure.ts';
import type { PaymentGateway } from '../port/payment-gateway.ts';
import type { CallBudget } from './call-budget.ts';

const NO_SLOT = 'the call was cancelled before its turn came';

/**
 * A gateway whose calls each wait for a slot in the budget. A call without a slot was certainly not made.
 * @param mayStillCall is called when the slot comes: the permission for the call may have ended during the wait.
 */
export function limitCalls(
  gateway: PaymentGateway,
  budget: CallBudget,
  mayStillCall: () => boolean = () => true,
): PaymentGateway {
  const getsSlot = async (signal?: AbortSignal) => (await budget.take(signal)) && mayStillCall();
  return {
    async pay(instruction, signal) {
      if (await getsSlot(signal)) return await gateway.pay(instruction, signal);
      return { kind: 'not_executed', retryAfterMs: null, ...describeFailure('aborted', NO_SLOT, null) };
    },
    async inquire(reference, signal) {
      if (await getsSlot(signal)) return await gateway.inquire(reference, signal);
      return { kind: 'unknown', ...describeFailure('aborted', NO_SLOT, null) };
    },
    close: () => gateway.close(),
  };
}
