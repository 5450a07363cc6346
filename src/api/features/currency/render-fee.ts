import type { Charge } from '../../../fees/charge-fee.ts';
import type { Fee, ScheduledFee } from '../../../fees/fee.ts';
import type { FeeChange } from '../../../fees/fee-change.ts';
import { amountToJson } from '../../../money/decimal-amount.ts';
import { formatPercent } from '../../../money/percent.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';

export function renderFee(fee: ScheduledFee | Fee) {
  const { kind, currency, payer, terms } = fee;
  const row = 'id' in fee ? fee : null;
  return {
    id: row && Number(row.id),
    source: row ? ('schedule' as const) : ('default' as const),
    kind,
    currency,
    percent: formatPercent(terms.percent),
    ...renderOptional('fixed', currency === null ? null : terms.fixedMinor, currency),
    ...renderOptional('least', terms.leastMinor, currency),
    ...renderOptional('most', terms.mostMinor, currency),
    payer,
    valid_from: row?.validFrom.toISOString() ?? null,
    valid_to: row?.validTo?.toISOString() ?? null,
  };
}

export function renderFeePreview(
  fee: ScheduledFee | Fee,
  {
    amountMinor,
    currency,
    charge,
  }: { readonly amountMinor: bigint; readonly currency: string; readonly charge: Charge },
) {
  const { feeMinor, senderGivesMinor, recipientGetsMinor } = charge;
  const gatewayMinor = {
    deposit: senderGivesMinor,
    withdrawal: recipientGetsMinor,
    transfer: null,
  }[fee.kind];
  return {
    kind: fee.kind,
    currency,
    ...renderAmounts(
      {
        amount: amountMinor,
        commission: feeMinor,
        sender_gives: senderGivesMinor,
        recipient_gets: recipientGetsMinor,
      },
      currency,
    ),
    ...renderOptional('gateway_amount', gatewayMinor, currency),
    fee: renderFee(fee),
  };
}

export function renderFeeChange({ id, action, at, effectiveAt, by, reason, before, after }: FeeChange) {
  return {
    id: Number(id),
    action,
    at: at.toISOString(),
    effective_at: effectiveAt.toISOString(),
    by,
    reason,
    before: before && renderFee(before),
    after: after && renderFee(after),
  };
}

/** An amount that may be missing; an amount without a currency is. */
function renderOptional(name: string, amountMinor: bigint | null, currency: string | null) {
  const isThere = amountMinor !== null && currency !== null;
  return {
    [name]: isThere ? amountToJson(amountMinor, currency) : null,
    [`${name}_minor`]: isThere ? amountMinor.toString() : null,
  };
}
