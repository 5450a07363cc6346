import { createPace } from '../../background/pace.ts';
import type { LetterFilter } from '../../dead-letters/bulk-redrive.ts';
import { discardDeadLetter } from '../../dead-letters/discard-dead-letter.ts';
import { countDeadLetters, selectDeadLetterIds } from '../../dead-letters/filter-dead-letters.sql.ts';
import type { DeadLetterReason } from '../../dead-letters/letters/dead-letter-reasons.ts';
import { logDiscarded } from '../../dead-letters/log-operator-actions.ts';
import { requireLedgerServer } from '../../ledger/server/require-ledger-server.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interruptible.ts';
import {
  countAll,
  mayGoOn,
  renderPreview,
  type SelectionOptions,
  toLetterFilter,
} from '../options/select-letters.ts';
import { explainRefusal } from '../output/explain-refusal.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Session, withSession } from '../session.ts';

export interface DiscardOptions extends SelectionOptions {
  readonly rate: number;
  readonly by: string;
  readonly because: string;
}

interface DiscardResult {
  readonly done: number;
  readonly refusedCount: number;
  /** The first of the letters that were left unchanged, and why. */
  readonly refused: readonly { readonly id: bigint; readonly reason: string }[];
  readonly isInterrupted: boolean;
}

/** The letters that a discard may close; payments of the others may have moved money. */
const DISCARDABLE: readonly DeadLetterReason[] = ['refused', 'attempts_exhausted'];
const PAGE = 100;
const MOST_TOLD = 1000;

/** `dlq discard`: shows what it would close, asks for confirmation, and closes the letters at a steady rate. */
export async function discardLetters(
  terminal: Terminal,
  ids: readonly bigint[],
  options: DiscardOptions,
): Promise<ExitCode> {
  const wanted = toLetterFilter(options, ids);
  const filter = wanted.letterIds ? wanted : { ...wanted, reasons: wanted.reasons ?? DISCARDABLE };
  return await withSession(async (session) => {
    const counts = await countDeadLetters(session.knex, filter);
    const total = countAll(counts);
    if (options.dryRun) {
      terminal.print(options.json ? renderJson({ total, counts }) : renderPreview('discard', counts));
      return EXIT.done;
    }
    if (!options.json) terminal.print(renderPreview('discard', counts));
    // Keep every id that was named: the result of each is reported, even of letters that are not open.
    if (!filter.letterIds && total === 0) {
      if (options.json) terminal.print(renderJson({ total, done: 0, refused: [], isInterrupted: false }));
      return EXIT.done;
    }
    if (!(await mayGoOn(terminal, options, { verb: 'discard', filter, total }))) return EXIT.usage;
    const bar = terminal.progress('discarding', ids.length || total);
    const lastId = counts.reduce((last, count) => (count.lastId > last ? count.lastId : last), 0n);
    const result = await interruptible((signal) =>
      discardAll(session, { ...options, filter, lastId, onProgress: bar.update, signal }),
    ).finally(() => bar.end());
    return tellResult(terminal, options, result);
  });
}

/**
 * Discards the letters one by one, oldest first, each in its own transaction. A discarded letter is no longer open, so if anything
 * interrupts this, the same command continues with the rest.
 */
async function discardAll(
  session: Session,
  order: DiscardOptions & {
    readonly filter: LetterFilter;
    /** Newer letters arrived after the command was started. */
    readonly lastId: bigint;
    readonly onProgress: (done: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<DiscardResult> {
  const { by, because: reason, signal } = order;
  const refused: { id: bigint; reason: string }[] = [];
  let [done, refusedCount] = [0, 0];
  const pace = createPace({ perSecond: order.rate, signal });
  for await (const id of lettersOf(session, order)) {
    await pace();
    if (signal.aborted) return { done, refusedCount, refused, isInterrupted: true };
    const outcome = await discardDeadLetter(session.pool, { id, by, reason });
    if (outcome.kind === 'discarded') {
      done += 1;
      logDiscarded(session.log, { id, paymentId: outcome.paymentId, by, reason });
    } else {
      refusedCount += 1;
      if (refused.length < MOST_TOLD) refused.push({ id, reason: explainRefusal(outcome) });
    }
    order.onProgress(done + refusedCount);
  }
  return { done, refusedCount, refused, isInterrupted: false };
}

async function* lettersOf(
  { knex, pool }: Session,
  { filter, lastId }: { readonly filter: LetterFilter; readonly lastId: bigint },
): AsyncGenerator<bigint, void> {
  await requireLedgerServer(pool);
  if (filter.letterIds) {
    yield* filter.letterIds;
    return;
  }
  for (let afterId = 0n; ; ) {
    const page = await selectDeadLetterIds(knex, filter, { afterId, lastId, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    await requireLedgerServer(pool);
    yield* page;
    afterId = last;
  }
}

function tellResult(terminal: Terminal, { json }: DiscardOptions, result: DiscardResult): ExitCode {
  if (json) terminal.print(renderJson(result));
  else {
    terminal.print(`${result.done} discarded.`);
    if (result.refused.length > 0) {
      const rows = result.refused.map(({ id, reason }) => [id, reason]);
      terminal.print(`\n${result.refusedCount} left unchanged:\n${renderTable(['id', 'why'], rows)}`);
    }
    if (result.isInterrupted)
      terminal.print(
        'Stopped. Discarded letters stay discarded. Run the same command to continue with the rest.',
      );
  }
  if (result.isInterrupted) return EXIT.interrupted;
  return result.refusedCount > 0 ? EXIT.attention : EXIT.done;
}
