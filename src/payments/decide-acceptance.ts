import type { CommandDecision, Neighbours } from '../commands/command-kind.ts';
import type { Percent } from '../shared/percent.ts';
import type { AcceptanceDecision, AcceptanceResult, PaymentRequest, RenderResponse } from './acceptance.ts';
import { computeFeeMinor } from './fee.ts';
import { kindOf } from './kinds/payment-kinds.ts';
import type { NewPayment } from './write-payments.sql.ts';

/** What the database knew about one request when its batch was read. */
export interface RequestFacts {
  readonly hasUser: boolean;
  /** What the payment is called if it is written; null when it is known already that it will not be. */
  readonly name: { readonly paymentId: bigint; readonly reference: string } | null;
}

/**
 * Decides one request, on what those before it in its batch have left. Pure.
 * One that wants more than its wallet has is written as a payment that failed, with the refusal as its answer.
 */
export function decideAcceptance(
  request: PaymentRequest,
  { walletId, facts }: { readonly walletId: bigint | null; readonly facts: RequestFacts },
  {
    feePercent,
    renderResponse,
    funds,
  }: { readonly feePercent: Percent; readonly renderResponse: RenderResponse } & Pick<Neighbours, 'funds'>,
): CommandDecision<NewPayment, AcceptanceResult> {
  if (!facts.hasUser) return { result: { kind: 'user_not_found' } };
  if (walletId === null || !facts.name) return { result: { kind: 'wallet_not_found' } };
  const { paymentId } = facts.name;
  const feeMinor = computeFeeMinor(request.amountMinor, feePercent);
  const decision = decideFunds(request, { paymentId, walletId, feeMinor, funds });
  const response = renderResponse(decision);
  const isAccepted = decision.kind === 'accepted';
  return {
    result: { kind: 'answered', decided: decision.kind, paymentId, response },
    row: {
      ...request,
      ...facts.name,
      walletId,
      feeMinor,
      status: isAccepted ? 'new' : 'failed',
      lastError: isAccepted ? null : 'insufficient funds',
      redriveOf: null,
    },
    kept: { resource: { kind: 'payment', id: paymentId }, response },
  };
}

function decideFunds(
  request: PaymentRequest,
  {
    paymentId,
    walletId,
    feeMinor,
    funds,
  }: { readonly paymentId: bigint; readonly walletId: bigint; readonly feeMinor: bigint } & Pick<
    Neighbours,
    'funds'
  >,
): AcceptanceDecision {
  const kind = kindOf(request.type);
  if (!kind.needsFunds) return { kind: 'accepted', paymentId, request };
  const neededMinor = kind.neededMinor({ ...request, feeMinor });
  const availableMinor = funds.availableMinor(walletId);
  if (neededMinor > availableMinor)
    return { kind: 'insufficient_funds', paymentId, request, neededMinor, availableMinor };
  funds.take(walletId, neededMinor);
  return { kind: 'accepted', paymentId, request };
}
