import { strict as assert } from 'node:assert';
import type { CommandDecision, Neighbours } from '../../commands/command-kind.ts';
import { decideFunds } from '../../commands/decide-funds.ts';
import { chargeFee, type Unchargeable } from '../../fees/charge-fee.ts';
import { chooseFee } from '../../fees/choose-fee.ts';
import type { Fee } from '../../fees/fee.ts';
import type { KeyedResource } from '../../idempotency/used-key.ts';
import { decideCredit, type FrozenCredits } from '../../ledger/decide-wallet-state.ts';
import type { WalletState } from '../../ledger/wallet-state.ts';
import type { Percent } from '../../money/percent.ts';
import { kindOf } from '../kinds/payment-kinds.ts';
import type { AcceptanceDecision, AcceptanceResult, PaymentRequest, RenderResponse } from './acceptance.ts';
import { decideRefund, type RefundedDeposit, takeRefund } from './decide-refund.ts';
import type { GatewayFor } from './gateway-for.ts';
import type { NewPayment } from './write-payments.sql.ts';

/** What the database said about one request when its batch was read. */
export interface RequestFacts {
  readonly hasUser: boolean;
  /** The payment's id if it is written; null if it is already known that it will not be. */
  readonly name: { readonly paymentId: bigint; readonly reference: string } | null;
  /** Of the wallet, read without its lock; null if there is none. What takes money goes by the state under the lock. */
  readonly walletState: WalletState | null;
  /** The deposit that a refund gives back, locked; null for other kinds. */
  readonly deposit: RefundedDeposit | null;
  /** The rows of the schedule that were valid then. */
  readonly fees: readonly Fee[];
}

/** What is charged and given back where the schedule says nothing, and what frozen wallets do. */
export interface AcceptanceTerms {
  /** TRANSACTION_FEE. */
  readonly feePercent: Percent;
  /** Whether a refund gives back the deposit's fee as well. */
  readonly doRefundsReturnFee: boolean;
  readonly frozenCredits: FrozenCredits;
  /** Where a new payment is carried out; a refund goes where its deposit was. */
  readonly gatewayFor: GatewayFor;
}

type Accepting = AcceptanceTerms & Neighbours & { readonly renderResponse: RenderResponse };

/**
 * Decides one request, on what earlier requests of its batch have left. Pure. A request for more than its wallet has is written as a failed
 * payment, with the refusal as its answer. A refund of more than is left of its deposit creates no payment, and neither does what the state
 * of the wallet refuses; the refusal is stored with its key.
 */
export function decideAcceptance(
  request: PaymentRequest,
  { walletId, facts }: { readonly walletId: bigint | null; readonly facts: RequestFacts },
  accepting: Accepting,
): CommandDecision<NewPayment, AcceptanceResult> {
  if (!facts.hasUser) return { result: { kind: 'user_not_found' } };
  if (walletId === null || !facts.name) return { result: { kind: 'wallet_not_found' } };
  if (request.refund && !facts.deposit) return { result: { kind: 'deposit_not_settled' } };
  const sized = decideSize(request, facts, accepting);
  if (sized.kind === 'refund_exceeds_deposit') return answerWith({ ...sized, request }, accepting);
  if (sized.kind !== 'fits') return { result: sized };

  const { amountMinor, feeMinor, walletPaysFee } = sized;
  const { neededMinor: weigh, askedMinor } = kindOf(request.type);
  const sizedRequest = { ...request, amountMinor: askedMinor(sized) };
  const neededMinor = weigh({ amountMinor, feeMinor });
  const refusal =
    neededMinor === 0n && facts.walletState !== null
      ? decideCredit({ walletId, state: facts.walletState }, accepting)
      : undefined;
  const taken = refusal ?? decideFunds(accepting.funds, { walletId, neededMinor });
  if (taken.kind === 'wallet_frozen' || taken.kind === 'wallet_closed')
    return answerWith({ ...taken, request }, accepting);
  const isAccepted = taken.kind === 'taken';
  const about = { paymentId: facts.name.paymentId, request: sizedRequest };
  const decision: AcceptanceDecision = isAccepted ? { kind: 'accepted', ...about } : { ...taken, ...about };
  const { depositId = null, reason = null } = request.refund ?? {};
  if (isAccepted && depositId !== null) takeRefund(accepting.tally, { depositId, amountMinor, feeMinor });
  return {
    ...answerWith(decision, accepting),
    row: {
      ...request,
      ...facts.name,
      walletId,
      amountMinor,
      feeMinor,
      walletPaysFee,
      status: isAccepted ? 'new' : 'failed',
      lastError: isAccepted ? null : 'insufficient funds',
      redriveOf: null,
      refundOf: depositId,
      refundReason: reason,
      gatewayName: facts.deposit ? facts.deposit.gatewayName : accepting.gatewayFor(request),
    },
  };
}

function answerWith(decision: AcceptanceDecision, { renderResponse }: Accepting) {
  const resource: KeyedResource =
    'paymentId' in decision
      ? { kind: 'payment', id: decision.paymentId }
      : { kind: 'wallet', id: decision.walletId };
  const response = renderResponse(decision);
  return {
    result: { kind: 'answered' as const, decided: decision.kind, resource, response },
    kept: { resource, response },
  };
}

/** What the gateway will be asked to move, and the fee. */
interface Sized {
  readonly kind: 'fits';
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly walletPaysFee: boolean;
}

function decideSize(request: PaymentRequest, facts: RequestFacts, accepting: Accepting) {
  const { refund } = request;
  const { deposit } = facts;
  if (!refund || !deposit) return decideCharged(request, facts, accepting);
  const wanted = {
    amountMinor: refund.wants === 'rest' ? ('rest' as const) : request.amountMinor,
    fee: accepting.doRefundsReturnFee ? ('share' as const) : ('none' as const),
  };
  const { paymentId, walletPaysFee } = deposit;
  return { ...decideRefund(wanted, deposit, accepting.tally), paymentId, walletPaysFee };
}

function decideCharged(
  { type, amountMinor, currency }: PaymentRequest,
  { fees }: RequestFacts,
  { feePercent }: Accepting,
): Sized | Unchargeable {
  const { feeKind, walletIs } = kindOf(type);
  assert(feeKind, `a ${type} has no fee of its own`);
  const fee = chooseFee(fees, { kind: feeKind, currency }, feePercent);
  const charge = chargeFee(fee, amountMinor);
  if (charge.kind !== 'charged') return charge;
  const { feeMinor, senderGivesMinor, recipientGetsMinor } = charge;
  return {
    kind: 'fits',
    amountMinor: walletIs === 'recipient' ? senderGivesMinor : recipientGetsMinor,
    feeMinor,
    walletPaysFee: fee.payer === walletIs,
  };
}
