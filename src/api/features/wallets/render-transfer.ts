import type { StoredResponse } from '../../../idempotency/used-key.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { Transfer } from '../../../wallets/transfer.ts';
import type { TransferDecision } from '../../../wallets/transfer-money.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { transferFromPath } from '../../describe/resource-paths.ts';
import { Problem, renderProblem } from '../../problems/problem.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';

export function renderTransfer(transfer: Transfer) {
  return {
    transfer_id: Number(transfer.transferId),
    user_id: Number(transfer.userId),
    from_wallet_id: Number(transfer.fromWalletId),
    to_wallet_id: Number(transfer.toWalletId),
    ...renderAmounts({ amount: transfer.amountMinor, commission: transfer.feeMinor }, transfer.currency),
    fee_payer: transfer.feePayer,
    currency: transfer.currency,
    created_at: transfer.createdAt.toISOString(),
  };
}

/** The answer to a request for a transfer, as it is given now and on every replay. */
export function renderTransferDecision(decision: TransferDecision): StoredResponse {
  if (decision.kind === 'transferred')
    return { status: 201, body: JSON.stringify(renderTransfer(decision.transfer)) };
  const { request } = decision;
  const { from, to, amountMinor, currency } = request;
  if (decision.kind === 'refused_by_state') {
    const isTarget = decision.refusal.walletId === to.walletId;
    const refused = walletStateProblem(decision.refusal, isTarget ? 'to_wallet_id' : 'wallet_id');
    return { status: refused.status, body: renderProblem(refused, transferFromPath(from.walletId)) };
  }
  const { availableMinor, neededMinor } = decision;
  const [withFee, verb] = neededMinor > amountMinor ? [' with its fee', 'need'] : ['', 'be'];
  const available = `${formatAmount(availableMinor, currency)} ${currency}`;
  const problem = new Problem('transfer-not-funded', {
    detail: `Wallet ${from.walletId} was to give ${formatAmount(neededMinor, currency)} ${currency}${withFee}, and ${available} is available. Nothing was done.`,
    errors: [{ field: 'amount', message: `must not ${verb} more than the ${available} that is available` }],
    extensions: {
      ...renderAmounts({ available: availableMinor }, currency),
      currency,
      wallet_id: Number(from.walletId),
    },
  });
  return { status: problem.status, body: renderProblem(problem, transferFromPath(from.walletId)) };
}
