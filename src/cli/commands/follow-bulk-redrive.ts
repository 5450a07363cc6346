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
/** Standing still for so long, it is looked for whether anybody is there to go on. */
const PATIENCE_MS = 5000;

/** Watches a redrive of many until it ends. Ctrl-C ends the watching only, and says so: workers carry the redrive out. */
export async function followBulkRedrive(
  terminal: Terminal,
  session: Session,
  { redrive, json }: { readonly redrive: BulkRedrive; readonly json: true | undefined },
): Promise<ExitCode> {
  if (!json) terminal.print(`Bulk redrive ${redrive.id}, at most ${redrive.perSecond} a second.`);
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

/** Says once why nothing happens: when nothing has moved for a while and no worker lives. */
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
    terminal.complain('No worker is alive. The redrive goes on when one runs: npm run worker');
  };
}

function countLeft({ refusedCount, withheldCount, skippedCount, failedCount }: BulkRedrive): number {
  return refusedCount + withheldCount + skippedCount + failedCount;
}

function renderOutcome(redrive: BulkRedrive, isInterrupted: boolean): string {
  const { id, totalCount, redrivenCount } = redrive;
  const left = [
    [redrive.refusedCount, 'refused for want of funds'],
    [redrive.withheldCount, 'left alone, because something recorded says that the money moved'],
    [redrive.skippedCount, 'dealt with by others meanwhile'],
    [redrive.failedCount, 'failed: see the log of the workers'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}.`]));
  const override = redrive.withheldCount > 0 ? [HOW_TO_OVERRIDE] : [];
  if (isInterrupted)
    return `You stopped watching. Bulk redrive ${id} goes on in the workers: ${countHandled(redrive)} of ${totalCount} done.\nWatch it: npx tollgate dlq follow ${id}\nStop it:  npx tollgate dlq stop ${id}`;
  const stopped =
    redrive.state === 'stopped'
      ? [`Stopped by ${redrive.stoppedBy}. Let it go on: npx tollgate dlq resume ${id}`]
      : [];
  return [`${redrivenCount} redriven.`, ...left, ...override, ...stopped].join('\n');
}
