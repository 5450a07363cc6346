import type { LetterFilter } from '../../dead-letters/bulk-redrive.ts';
import type { DeadLetterCount } from '../../dead-letters/filter-dead-letters.sql.ts';
import type { DeadLetterReason } from '../../dead-letters/letters/dead-letter-reasons.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import type { PaymentType } from '../../payments/payment.ts';
import { countOf } from '../../text/plural.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { OutputOptions } from './operator-options.ts';

/** Which letters an order is about: those that are named, or a selection. */
export interface SelectionOptions extends OutputOptions {
  readonly all?: true;
  readonly reason?: readonly DeadLetterReason[];
  readonly type?: PaymentType;
  readonly user?: bigint;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** @throws UsageError when it is not clear which letters are meant. */
export function toLetterFilter(
  { all, reason, type, user }: SelectionOptions,
  ids: readonly bigint[],
): LetterFilter {
  const selects = reason !== undefined || user !== undefined || type !== undefined;
  if (ids.length > 0 && (all || selects))
    throw new UsageError('Give ids, or --reason, --type, --user or --all, but not both.');
  if (all && selects)
    throw new UsageError(
      '--all takes every open letter: leave it out to select with --reason, --type or --user.',
    );
  if (ids.length === 0 && !all && !selects)
    throw new UsageError('Say which letters: ids, --reason, --type, --user or --all.');
  return ids.length > 0 ? { letterIds: ids } : { reasons: reason, type, userId: user };
}

/** Letters that were named by their ids need no question; a selection may be larger than one thinks. */
export async function mayGoOn(
  terminal: Terminal,
  { yes }: SelectionOptions,
  { verb, filter, total }: { readonly verb: string; readonly filter: LetterFilter; readonly total: number },
): Promise<boolean> {
  if (yes || filter.letterIds) return true;
  if (!terminal.isInteractive) {
    terminal.complain(
      `Nothing was done: ${countOf(total, 'letter')} would be touched. Add --yes to do it, or --dry-run.`,
    );
    return false;
  }
  if (
    await terminal.confirm(
      `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${countOf(total, 'dead letter')}?`,
    )
  )
    return true;
  terminal.complain('Nothing was done.');
  return false;
}

export function countAll(counts: readonly DeadLetterCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

export function renderPreview(verb: string, counts: readonly DeadLetterCount[]): string {
  if (counts.length === 0) return 'There are no such open dead letters.';
  const rows = counts.map(({ reason, currency, count, amountMinor }) => [
    reason,
    count,
    `${formatAmount(amountMinor, currency)} ${currency}`,
  ]);
  return `To ${verb}:\n${renderTable(['reason', 'letters', 'amount'], rows)}`;
}
