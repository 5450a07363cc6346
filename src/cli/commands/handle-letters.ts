import {
  countDeadLetters,
  type DeadLetterCount,
  type DeadLetterFilter,
} from '../../payments/filter-dead-letters.sql.ts';
import type { DeadLetterReason } from '../../queue/dead-letters.sql.ts';
import { formatAmount } from '../../shared/money.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interruptible.ts';
import type { OutputOptions } from '../operator-options.ts';
import { renderJson } from '../render-json.ts';
import { renderTable } from '../render-table.ts';
import { type Session, withSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { type BulkResult, runBulk } from './run-bulk.ts';

export interface HandleOptions extends OutputOptions {
  readonly all?: true;
  readonly reason?: readonly DeadLetterReason[];
  readonly user?: bigint;
  readonly rate: number;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly by: string;
  readonly because?: string;
  readonly overrideEvidence?: true;
}

type Order = HandleOptions & { readonly ids: readonly bigint[]; readonly action: 'redrive' | 'discard' };

/** What a discard may close; the others may have moved money. */
const DISCARDABLE: readonly DeadLetterReason[] = ['refused', 'attempts_exhausted'];

/** `dlq redrive` and `dlq discard`: shows what it would touch, asks, and goes through the letters at a steady rate. */
export async function handleLetters(terminal: Terminal, order: Order): Promise<ExitCode> {
  const filter = toFilter(order);
  if (order.overrideEvidence && (filter.ids?.length !== 1 || order.because === undefined))
    throw new UsageError('--override-evidence is for one letter, named by its id, and needs --because.');
  return await withSession(async (session) => {
    const counts = await countDeadLetters(session.knex, filter);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    if (order.dryRun) {
      terminal.print(order.json ? renderJson({ total, counts }) : renderPreview(order, counts));
      return EXIT.done;
    }
    if (!order.json) terminal.print(renderPreview(order, counts));
    // Ids that were named one by one go on: what became of each is said, also of those that are not open.
    if (filter.ids === undefined && total === 0) {
      if (order.json) terminal.print(renderJson({ total, done: 0, refused: [], isInterrupted: false }));
      return EXIT.done;
    }
    if (!(await mayGoOn(terminal, order, total))) return EXIT.usage;
    const result = await go(terminal, { session, order, filter, counts, total });
    return tellResult(terminal, order, result);
  });
}

async function go(
  terminal: Terminal,
  parts: {
    readonly session: Session;
    readonly order: Order;
    readonly filter: DeadLetterFilter;
    readonly counts: readonly DeadLetterCount[];
    readonly total: number;
  },
): Promise<BulkResult> {
  const { session, order, filter, counts } = parts;
  const total = filter.ids?.length ?? parts.total;
  const bar = terminal.progress(order.action === 'redrive' ? 'redriving' : 'discarding', total);
  const lastId = counts.reduce((last, count) => (count.lastId > last ? count.lastId : last), 0n);
  try {
    return await interruptible((signal) =>
      runBulk(session, {
        action: order.action,
        filter,
        lastId,
        by: order.by,
        because: order.because ?? null,
        mayOverrideEvidence: order.overrideEvidence ?? false,
        perSecond: order.rate,
        onProgress: bar.update,
        signal,
      }),
    );
  } finally {
    bar.end();
  }
}

function toFilter({ ids, all, reason, user, action }: Order): DeadLetterFilter {
  const selects = reason !== undefined || user !== undefined;
  if (ids.length > 0 && (all || selects))
    throw new UsageError('Give ids, or --reason, --user or --all, but not both.');
  if (all && selects)
    throw new UsageError('--all takes every open letter: leave it out to select with --reason or --user.');
  if (ids.length === 0 && !all && !selects)
    throw new UsageError('Say which letters: ids, --reason, --user or --all.');
  if (ids.length > 0) return { ids };
  return { reasons: reason ?? (action === 'discard' ? DISCARDABLE : undefined), userId: user };
}

/** Letters that were named by their ids need no question; a selection may be larger than one thinks. */
async function mayGoOn(terminal: Terminal, order: Order, total: number): Promise<boolean> {
  if (order.yes || order.ids.length > 0) return true;
  if (!terminal.isInteractive) {
    terminal.complain(
      `Nothing was done: ${total} letters would be touched. Add --yes to do it, or --dry-run.`,
    );
    return false;
  }
  if (await terminal.confirm(`${capitalize(order.action)} ${total} dead letters?`)) return true;
  terminal.complain('Nothing was done.');
  return false;
}

function renderPreview({ action }: Order, counts: readonly DeadLetterCount[]): string {
  if (counts.length === 0) return 'There are no such open dead letters.';
  const rows = counts.map(({ reason, currency, count, amountMinor }) => [
    reason,
    count,
    `${formatAmount(amountMinor, currency)} ${currency}`,
  ]);
  return `To ${action}:\n${renderTable(['reason', 'letters', 'amount'], rows)}`;
}

function tellResult(terminal: Terminal, order: Order, result: BulkResult): ExitCode {
  if (order.json) terminal.print(renderJson(result));
  else {
    terminal.print(`${result.done} ${order.action === 'redrive' ? 'redriven' : 'discarded'}.`);
    if (result.refused.length > 0) {
      const rows = result.refused.map(({ id, reason }) => [id, reason]);
      terminal.print(`\n${result.refusedCount} left as they were:\n${renderTable(['id', 'why'], rows)}`);
    }
    if (result.withheldCount > 0)
      terminal.print(
        `\nOf ${result.withheldCount} something recorded says that the money moved. Find out what is true (npx tollgate payments show) before you override it: npx tollgate dlq redrive <id> --override-evidence --because <text>`,
      );
    if (result.isInterrupted)
      terminal.print('Stopped. What is done stays done: the same command goes on with the rest.');
  }
  if (result.isInterrupted) return EXIT.interrupted;
  return result.refusedCount > 0 ? EXIT.attention : EXIT.done;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
