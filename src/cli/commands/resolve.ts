import { logResolved } from '../../dead-letters/log-operator-actions.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { findPayment } from '../../payments/read/read-payments.sql.ts';
import type { ResolutionOutcome } from '../../payments/unknown/resolution-outcome.ts';
import { type ResolveOutcome, resolvePayment } from '../../payments/unknown/resolve-payment.ts';
import { StartError } from '../../process/lifecycle.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { refuseWhileViolated } from '../refuse-while-violated.ts';
import { withSession } from '../session.ts';

export interface ResolveOptions extends OutputOptions {
  readonly outcome: ResolutionOutcome;
  readonly because: string;
  readonly evidence: string;
  readonly gatewayReference?: string;
  readonly by: string;
  readonly yes?: true;
  readonly overrideEvidence?: true;
}

/** `payments resolve` */
export async function resolve(
  terminal: Terminal,
  paymentId: bigint,
  options: ResolveOptions,
): Promise<ExitCode> {
  const { outcome, because: reason, evidence, gatewayReference = null, by, yes, json } = options;
  return await withSession(async (session) => {
    await refuseWhileViolated(session);
    const before = await findPayment(session.knex, paymentId);
    if (!before) throw new StartError(`There is no payment ${paymentId}.`);
    const what = `payment ${paymentId}, ${before.type} of ${formatAmount(before.amountMinor, before.currency)} ${before.currency}`;
    if (before.status === 'unknown' && !yes) {
      const effect = outcome === 'executed' ? 'Settle' : 'Fail';
      const isConfirmed = terminal.isInteractive && (await terminal.confirm(`${effect} ${what}, for good?`));
      if (!isConfirmed) {
        terminal.complain('Nothing was done. Add --yes to resolve it without confirmation.');
        return EXIT.usage;
      }
    }
    const result = await resolvePayment(session.pool, {
      paymentId,
      outcome,
      by,
      reason,
      evidence,
      gatewayReference,
      mayOverrideEvidence: options.overrideEvidence ?? false,
    });
    if (result.kind !== 'resolved') throw new StartError(explain(result, paymentId));
    logResolved(session.log, { paymentId, outcome, by, reason, overridden: result.overridden });
    const payment = await findPayment(session.knex, paymentId);
    terminal.print(
      json ? renderJson(payment) : `Resolved ${what}: ${payment?.status}. Recorded as decided by ${by}.`,
    );
    return EXIT.done;
  });
}

function explain(outcome: Exclude<ResolveOutcome, { kind: 'resolved' }>, paymentId: bigint): string {
  switch (outcome.kind) {
    case 'not_found':
      return `There is no payment ${paymentId}.`;
    case 'already_resolved':
      return `Payment ${paymentId} has already been resolved as ${outcome.outcome} by ${outcome.by}. Nothing was done.`;
    case 'not_unknown':
      return outcome.status === 'new'
        ? `Payment ${paymentId} is in the queue, and a worker will ask the gateway about it first. Nothing was done.`
        : `Payment ${paymentId} has the status ${outcome.status}, which is final. Nothing was done.`;
    case 'evidence': {
      const lines = outcome.evidence.map(({ at, what }) => `- ${at.toISOString()} ${what}`);
      return `There is evidence that the money of payment ${paymentId} moved, so it was not resolved as not executed. Nothing was done.\n${lines.join('\n')}\nIf you know that the evidence is wrong, add --override-evidence.`;
    }
  }
}
