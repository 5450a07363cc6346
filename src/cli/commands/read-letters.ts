import type { DeadLetter } from '../../dead-letters/dead-letter.ts';
import type { DeadLetterReason } from '../../dead-letters/letters/dead-letter-reasons.ts';
import { listDeadLetters } from '../../dead-letters/list-dead-letters.sql.ts';
import { findDeadLetter } from '../../dead-letters/read-dead-letters.sql.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import type { PaymentType } from '../../payments/payment.ts';
import { StartError } from '../../process/lifecycle.ts';
import { countOf } from '../../text/plural.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ListOptions, printList, readList, toListFilter } from '../options/list-options.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import { renderCell, renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export interface ListLettersOptions extends ListOptions {
  readonly all?: true;
  readonly reason?: readonly DeadLetterReason[];
  readonly type?: PaymentType;
  readonly user?: bigint;
}

/** `dlq list` */
export async function listLetters(terminal: Terminal, options: ListLettersOptions): Promise<ExitCode> {
  return await withSession(async ({ config, knex }) => {
    const filter = {
      state: options.all ? ('all' as const) : ('open' as const),
      reasons: options.reason,
      type: options.type,
      userId: options.user,
      ...toListFilter(options, config.payments.currency),
    };
    const list = 'dead_letters';
    const page = await readList(options, list, (place) => listDeadLetters(knex, { ...filter, ...place }));
    const none = 'No dead letters match.';
    printList(terminal, page, { list, json: options.json, render: renderLetters, none });
    return EXIT.done;
  });
}

function renderLetters(letters: readonly DeadLetter[]): string {
  return renderTable(
    ['id', 'payment', 'user', 'type', 'amount', 'reason', 'since', 'done', 'error'],
    letters.map((letter) => [
      letter.id,
      letter.paymentId,
      letter.userId,
      letter.type,
      amountOf(letter),
      letter.reason,
      letter.createdAt,
      letter.action,
      letter.error,
    ]),
  );
}

/** `dlq show` */
export async function showLetter(terminal: Terminal, id: bigint, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const letter = await findDeadLetter(knex, id);
    if (!letter) throw new StartError(`There is no dead letter ${id}.`);
    if (json) {
      terminal.print(renderJson(letter));
      return EXIT.done;
    }
    terminal.print(
      [
        `Dead letter ${id} of payment ${letter.paymentId} (user ${letter.userId})`,
        `${letter.type} of ${amountOf(letter)}, fee ${formatAmount(letter.feeMinor, letter.currency)}`,
        `${letter.reason} after ${countOf(letter.attempts, 'attempt')}, ${renderCell(letter.createdAt)}: ${renderCell(letter.error)}`,
        describeAction(letter),
        `What happened before: npx tollgate payments show ${letter.paymentId}`,
      ].join('\n'),
    );
    return EXIT.done;
  });
}

function describeAction(letter: DeadLetter): string {
  if (!letter.action) return 'It is still open.';
  const next = letter.redrivenPaymentId === null ? '' : `, continues as payment ${letter.redrivenPaymentId}`;
  const why = letter.actionReason === null ? '' : `: ${renderCell(letter.actionReason)}`;
  return `${letter.action} by ${renderCell(letter.actionBy)}, ${renderCell(letter.actionAt)}${next}${why}`;
}

function amountOf({ amountMinor, currency }: DeadLetter): string {
  return `${formatAmount(amountMinor, currency)} ${currency}`;
}
