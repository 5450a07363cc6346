import { DEFAULT_GATEWAY } from '../../gateway/port/default-gateway.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { feePayerOf } from '../../payments/kinds/payment-kinds.ts';
import { findPayment } from '../../payments/read/read-payments.sql.ts';
import { readTimeline } from '../../payments/read/read-timeline.ts';
import type { TimelineItem } from '../../payments/read/timeline.ts';
import { StartError } from '../../process/lifecycle.ts';
import { countOf } from '../../text/plural.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import { printable, renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

/** `payments show` */
export async function showPayment(
  terminal: Terminal,
  paymentId: bigint,
  { json }: OutputOptions,
): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const payment = await findPayment(knex, paymentId);
    const timeline = await readTimeline(knex, paymentId);
    if (!payment || !timeline) throw new StartError(`There is no payment ${paymentId}.`);
    if (json) {
      terminal.print(renderJson({ payment, inquiry: timeline.inquiry ?? null, timeline: timeline.items }));
      return EXIT.done;
    }
    const money = (minor: bigint) => `${formatAmount(minor, payment.currency)} ${payment.currency}`;
    const facts = [
      `Payment ${paymentId} of user ${payment.userId}: ${payment.type} of ${money(payment.amountMinor)}, fee ${money(payment.feeMinor)}${payment.walletPaysFee ? '' : `, paid by the ${feePayerOf(payment)}: the gateway is asked for ${money(payment.gatewayAmountMinor)}`}`,
      `Status ${payment.status}, money ${payment.transactionStatus}, ${countOf(payment.attempts, 'attempt')}`,
      payment.gateway !== DEFAULT_GATEWAY && `Gateway ${payment.gateway}`,
      payment.gatewayReference && `Gateway reference ${printable(payment.gatewayReference)}`,
      payment.lastError && `Last error: ${printable(payment.lastError)}`,
      payment.redriveOf && `Redrive of payment ${payment.redriveOf}`,
      payment.refundOf &&
        `Refund of deposit ${payment.refundOf}${payment.refundReason ? `: ${printable(payment.refundReason)}` : ''}`,
      payment.needsReview && 'A person must find out what happened: npx tollgate help payments',
    ];
    terminal.print(`${facts.filter(Boolean).join('\n')}\n`);
    const rows = timeline.items.map((item) => [
      item.at.toISOString().replace('T', ' '),
      item.kind.replaceAll('_', ' '),
      describe(item, money),
    ]);
    terminal.print(renderTable(['when', 'what', 'details'], rows));
    if (timeline.inquiry)
      terminal.print(`\nNext inquiry at the gateway: ${timeline.inquiry.nextAskAt.toISOString()}.`);
    return EXIT.done;
  });
}

/** The essentials of a step, in one line. */
function describe(item: TimelineItem, money: (minor: bigint) => string): string {
  switch (item.kind) {
    case 'accepted':
    case 'needs_review':
      return '';
    case 'held':
    case 'released':
      return money(item.hold.amountMinor);
    case 'ledger': {
      const { step, entries } = item.transaction;
      const legs = entries.map(({ account, amountMinor }) => `${account} ${money(amountMinor)}`);
      return `${step}: ${legs.join(', ')}`;
    }
    case 'attempt': {
      const { attempt, outcome, inquiry, latencyMs, error, worker } = item.attempt;
      return sentence(
        `${attempt} ${outcome ?? 'in progress'}`,
        inquiry && `asked first: ${inquiry}`,
        latencyMs !== null && `${latencyMs} ms`,
        `by ${worker}`,
        error,
      );
    }
    case 'inquiry':
      return sentence(`${item.inquiry.askedCount} ${item.inquiry.answer}`, item.inquiry.detail);
    case 'callback': {
      const { status, result, deliveryCount, message } = item.callback;
      return sentence(
        status,
        result,
        deliveryCount > 1 && `delivered ${countOf(deliveryCount, 'time')}`,
        message,
      );
    }
    case 'resolution': {
      const { outcome, by, reason, evidence, overriddenEvidence } = item.resolution;
      return sentence(
        outcome,
        `by ${by}`,
        reason,
        `evidence: ${evidence}`,
        overriddenEvidence && `overrode: ${overriddenEvidence.map(({ what }) => what).join('; ')}`,
      );
    }
    case 'dead_letter':
      return sentence(`${item.letter.id} ${item.letter.reason}`, item.letter.error);
    case 'dead_letter_closed': {
      const { id, action, actionBy, actionReason, redrivenPaymentId, overriddenEvidence } = item.letter;
      return sentence(
        `${id} ${action}`,
        actionBy && `by ${actionBy}`,
        actionReason,
        redrivenPaymentId !== null && `as payment ${redrivenPaymentId}`,
        overriddenEvidence && `overrode: ${overriddenEvidence.map(({ what }) => what).join('; ')}`,
      );
    }
    case 'exception':
    case 'exception_closed': {
      const { id, kind, source, closedBy, closedReason } = item.difference;
      const closed = item.kind === 'exception_closed' && sentence(closedBy && `by ${closedBy}`, closedReason);
      return sentence(`${id} ${kind}`, `from ${source}`, closed);
    }
  }
}

function sentence(...parts: readonly (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(', ');
}
