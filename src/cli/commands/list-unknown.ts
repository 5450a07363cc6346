import { listUnknownPayments } from '../../payments/read-unknown-payments.sql.ts';
import { formatAmount } from '../../shared/money.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../operator-options.ts';
import { renderJson } from '../render-json.ts';
import { renderTable } from '../render-table.ts';
import { withSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export interface UnknownOptions extends OutputOptions {
  readonly state?: 'asking' | 'needs_review';
  readonly limit: number;
}

/** `payments unknown` */
export async function listUnknown(
  terminal: Terminal,
  { state, limit, json }: UnknownOptions,
): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const found = await listUnknownPayments(knex, { state, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const hasMore = found.length > limit;
    if (json) terminal.print(renderJson({ items: shown.map(withoutDoubles), hasMore }));
    else if (shown.length === 0) terminal.print('There are no such payments.');
    else {
      const rows = shown.map(({ payment, inquiry, attempts }) => [
        payment.paymentId,
        payment.userId,
        payment.type,
        `${formatAmount(payment.amountMinor, payment.currency)} ${payment.currency}`,
        inquiry.unknownSince,
        inquiry.askedCount,
        inquiry.lastAnswer,
        attempts.succeededCount > 0 ? 'executed' : inquiry.notFoundCount > 0 ? 'not executed' : '-',
        inquiry.needsReviewAt ? 'a person' : 'the gateway',
      ]);
      const columns = [
        'payment',
        'user',
        'type',
        'amount',
        'since',
        'asked',
        'last answer',
        'speaks for',
        'waits for',
      ];
      terminal.print(renderTable(columns, rows));
      if (hasMore) terminal.print(`\nThere are more than these ${limit}: see them with --limit.`);
    }
    return EXIT.done;
  });
}

/** One database row carries inquiry and attempts together; each is told where it belongs. */
function withoutDoubles({
  payment,
  inquiry,
  attempts,
}: Awaited<ReturnType<typeof listUnknownPayments>>[number]) {
  const { unknownSince, askedCount, notFoundCount, lastAnswer, nextAskAt, needsReviewAt } = inquiry;
  const { count, unknownCount, succeededCount, firstStartedAt, lastStartedAt } = attempts;
  const { lastOutcome, lastErrorClass, lastError } = attempts;
  return {
    payment,
    inquiry: { unknownSince, askedCount, notFoundCount, lastAnswer, nextAskAt, needsReviewAt },
    attempts: {
      count,
      unknownCount,
      succeededCount,
      firstStartedAt,
      lastStartedAt,
      lastOutcome,
      lastErrorClass,
      lastError,
    },
  };
}
