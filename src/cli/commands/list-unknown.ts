import { formatAmount } from '../../money/decimal-amount.ts';
import type { PaymentType } from '../../payments/payment.ts';
import type { UnknownState } from '../../payments/read/read-unknown-payments.sql.ts';
import { listUnknownPayments } from '../../payments/read/read-unknown-payments.sql.ts';
import type { UnknownPayment } from '../../payments/read/unknown-payment.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ListOptions, printList, readList, toListFilter } from '../options/list-options.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export interface UnknownOptions extends ListOptions {
  readonly state?: UnknownState;
  readonly type?: PaymentType;
  readonly user?: bigint;
}

/** `payments unknown` */
export async function listUnknown(terminal: Terminal, options: UnknownOptions): Promise<ExitCode> {
  return await withSession(async ({ config, knex }) => {
    const filter = {
      state: options.state,
      type: options.type,
      userId: options.user,
      ...toListFilter(options, config.payments.currency),
    };
    const list = 'unknown_payments';
    const page = await readList(options, list, (place) => listUnknownPayments(knex, { ...filter, ...place }));
    printList(terminal, page, {
      list,
      json: options.json,
      render: renderUnknown,
      toJson: withoutDoubles,
      none: 'No payments match.',
    });
    return EXIT.done;
  });
}

const COLUMNS = [
  'payment',
  'user',
  'type',
  'amount',
  'since',
  'asked',
  'last answer',
  'evidence for',
  'waiting for',
];

function renderUnknown(items: readonly UnknownPayment[]): string {
  const rows = items.map(({ payment, inquiry, attempts }) => [
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
  return renderTable(COLUMNS, rows);
}

/** One database row carries both inquiry and attempts; the JSON separates them. */
function withoutDoubles({ payment, inquiry, attempts }: UnknownPayment) {
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
