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

/** The letters that a command is about: named ids, or a selection. */
export interface SelectionOptions extends OutputOptions {
  readonly all?: true;
  readonly reason?: readonly DeadLetterReason[];
  readonly type?: PaymentType;
  readonly user?: bigint;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** @throws UsageError if it is not clear which letters are meant. */
export function toLetterFilter(
  { all, reason, type, user }: SelectionOptions,
  ids: readonly bigint[],
): LetterFilter {
  const selects = reason !== undefined || user !== undefined || type !== undefined;
  if (ids.length > 0 && (all || selects))
    throw new UsageError('Give either ids, or --reason, --type, --user or --all, but not both.');
  if (all && selects)
    throw new UsageError(
      '--all selects every open letter: leave it out to select with --reason, --type or --user.',
    );
  if (ids.length === 0 && !all && !selects)
    throw new UsageError('Say which letters: give ids, --reason, --type, --user or --all.');
  return ids.length > 0 ? { letterIds: ids } : { reasons: reason, type, userId: user };
}

/** Letters named by their ids need no confirmation; a selection may be larger than the operator thinks. */
export async function mayGoOn(
  terminal: Terminal,
  { yes }: SelectionOptions,
  { verb, filter, total }: { readonly verb: string; readonly filter: LetterFilter; readonly total: number },
): Promise<boolean> {
  if (yes || filter.letterIds) return true;
  if (!terminal.isInteractive) {
    terminal.complain(
      `Nothing was done: this would affect ${countOf(total, 'letter')}. Add --yes to go on, or --dry-run to only look.`,
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
  if (counts.length === 0) return 'No open dead letters match.';
  const rows = counts.map(({ reason, currency, count, amountMinor }) => [
    reason,
    count,
    `${formatAmount(amountMinor, currency)} ${currency}`,
  ]);
  return `To ${verb}:\n${renderTable(['reason', 'letters', 'amount'], rows)}`;
}
