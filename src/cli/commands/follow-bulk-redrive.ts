import { sleep } from '../../background/sleep.ts';
import { type BulkRedrive, countHandled } from '../../dead-letters/bulk-redrive.ts';
import { findBulkRedrive } from '../../dead-letters/bulk-redrives.sql.ts';
import { listWorkers } from '../../fleet/workers.sql.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interruptible.ts';
import { HOW_TO_OVERRIDE } from '../output/explain-refusal.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Session } from '../session.ts';

const LOOK_MS = 500;
/** If there is no progress for this long, check whether a worker is alive. */
const PATIENCE_MS = 5000;

/** Watches a bulk redrive until it ends. Ctrl-C only ends the watching, and says so: the workers continue the redrive. */
export async function followBulkRedrive(
  terminal: Terminal,
  session: Session,
  { redrive, json }: { readonly redrive: BulkRedrive; readonly json: true | undefined },
): Promise<ExitCode> {
  if (!json) terminal.print(`Bulk redrive ${redrive.id}, at most ${redrive.perSecond} per second.`);
  const bar = terminal.progress('redriving', redrive.totalCount);
  let last = redrive;
  const isInterrupted = await interruptible(async (signal) => {
    const complainOnce = createComplaint(terminal, session);
    for (; !signal.aborted; ) {
      last = (await findBulkRedrive(session.knex, redrive.id)) ?? last;
      bar.update(countHandled(last));
      if (last.state !== 'running') return false;
      await complainOnce(last);
      await sleep(LOOK_MS, { signal });
    }
    return true;
  }).finally(() => bar.end());
  const { filter: _filter, ...told } = last;
  if (json) terminal.print(renderJson({ ...told, done: last.redrivenCount, isInterrupted }));
  else terminal.print(renderOutcome(last, isInterrupted));
  if (isInterrupted) return EXIT.interrupted;
  return last.state === 'done' && countLeft(last) === 0 ? EXIT.done : EXIT.attention;
}

/** Explains once why nothing happens: when there has been no progress for a while and no worker is alive. */
function createComplaint(terminal: Terminal, { knex }: Session): (redrive: BulkRedrive) => Promise<void> {
  let stillSinceMs = performance.now();
  let handledCount = -1;
  let hasComplained = false;
  return async (redrive) => {
    const now = performance.now();
    if (countHandled(redrive) !== handledCount) stillSinceMs = now;
    handledCount = countHandled(redrive);
    if (hasComplained || now - stillSinceMs < PATIENCE_MS) return;
    const workers = await listWorkers(knex);
    if (workers.some(({ isAlive }) => isAlive)) return;
    hasComplained = true;
    terminal.complain('No worker is alive. The redrive continues once one runs: npm run worker');
  };
}

function countLeft({ refusedCount, withheldCount, skippedCount, failedCount }: BulkRedrive): number {
  return refusedCount + withheldCount + skippedCount + failedCount;
}

function renderOutcome(redrive: BulkRedrive, isInterrupted: boolean): string {
  const { id, totalCount, redrivenCount } = redrive;
  const left = [
    [redrive.refusedCount, 'refused, because the wallet does not hold enough'],
    [redrive.withheldCount, 'left alone, because there is evidence that the money moved'],
    [redrive.skippedCount, 'closed by somebody else in the meantime'],
    [redrive.failedCount, 'failed: see the log of the workers'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}.`]));
  const override = redrive.withheldCount > 0 ? [HOW_TO_OVERRIDE] : [];
  if (isInterrupted)
    return `You stopped watching. The workers continue bulk redrive ${id}: ${countHandled(redrive)} of ${totalCount} done.\nWatch it: npx tollgate dlq follow ${id}\nStop it:  npx tollgate dlq stop ${id}`;
  const stopped =
    redrive.state === 'stopped'
      ? [`Stopped by ${redrive.stoppedBy}. Resume it: npx tollgate dlq resume ${id}`]
      : [];
  return [`${redrivenCount} redriven.`, ...left, ...override, ...stopped].join('\n');
}
