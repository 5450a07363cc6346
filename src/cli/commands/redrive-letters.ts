import type { BulkRedrive } from '../../dead-letters/bulk-redrive.ts';
import { findBulkRedrive } from '../../dead-letters/bulk-redrives.sql.ts';
import { countDeadLetters } from '../../dead-letters/filter-dead-letters.sql.ts';
import { logBulkRedriveStarted } from '../../dead-letters/log-operator-actions.ts';
import { startBulkRedrive } from '../../dead-letters/start-bulk-redrive.ts';
import { StartError } from '../../process/lifecycle.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import {
  countAll,
  mayGoOn,
  renderPreview,
  type SelectionOptions,
  toLetterFilter,
} from '../options/select-letters.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { refuseWhileViolated } from '../refuse-while-violated.ts';
import { type Session, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { followBulkRedrive } from './follow-bulk-redrive.ts';
import { type OneRedrive, redriveLetter } from './redrive-letter.ts';

export interface RedriveOptions extends SelectionOptions, OneRedrive {
  readonly rate: number;
}

/** The recorded reason if none was given. */
const NO_REASON = 'from the command line';

/**
 * `dlq redrive`: redrives one letter at once, as the console does. For several it starts a bulk redrive, as the API does, which workers
 * carry out, and watches it.
 */
export async function redriveLetters(
  terminal: Terminal,
  ids: readonly bigint[],
  options: RedriveOptions,
): Promise<ExitCode> {
  const filter = toLetterFilter(options, ids);
  const [onlyId] = ids;
  if (options.overrideEvidence && (ids.length !== 1 || options.because === undefined))
    throw new UsageError(
      '--override-evidence works for one letter only, named by its id, and needs --because.',
    );
  return await withSession(async (session) => {
    if (onlyId !== undefined && ids.length === 1 && !options.dryRun)
      return await redriveLetter(terminal, session, { ...options, id: onlyId });
    const counts = await countDeadLetters(session.knex, filter);
    const total = countAll(counts);
    if (options.dryRun) {
      terminal.print(options.json ? renderJson({ total, counts }) : renderPreview('redrive', counts));
      return EXIT.done;
    }
    if (!options.json) terminal.print(renderPreview('redrive', counts));
    if (total === 0 && ids.length === 0) {
      if (options.json) terminal.print(renderJson({ total, done: 0, isInterrupted: false }));
      return EXIT.done;
    }
    if (!(await mayGoOn(terminal, options, { verb: 'redrive', filter, total }))) return EXIT.usage;
    await refuseWhileViolated(session);
    const redrive = await start(session, {
      filter,
      perSecond: options.rate,
      by: options.by,
      reason: options.because ?? NO_REASON,
    });
    return await followBulkRedrive(terminal, session, { redrive, json: options.json });
  });
}

async function start(
  { config, knex, pool, log }: Session,
  order: Parameters<typeof startBulkRedrive>[1],
): Promise<BulkRedrive> {
  const outcome = await startBulkRedrive(pool, order, {
    responseTtlMs: config.idempotency.responseTtlMs,
    // Without a key no answer is stored.
    renderResponse: () => ({ status: 202, body: '' }),
    onStarted: (redrive) => logBulkRedriveStarted(log, redrive),
  });
  if (outcome.kind === 'letters_not_found')
    throw new StartError(
      `There are no dead letters with the ids ${outcome.letterIds.join(', ')}. Nothing was started.`,
    );
  const redrive = outcome.kind === 'executed' && (await findBulkRedrive(knex, outcome.written.resource.id));
  if (!redrive) throw new Error('the bulk redrive was written but cannot be read');
  return redrive;
}
