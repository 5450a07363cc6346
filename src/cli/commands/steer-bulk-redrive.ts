import { findBulkRedrive, resumeBulkRedrive, stopBulkRedrive } from '../../dead-letters/bulk-redrives.sql.ts';
import { logBulkRedriveSteered } from '../../dead-letters/log-operator-actions.ts';
import { StartError } from '../../process/lifecycle.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { refuseWhileViolated } from '../refuse-while-violated.ts';
import { type Session, withSession } from '../session.ts';
import { followBulkRedrive } from './follow-bulk-redrive.ts';

interface SteerOptions extends OutputOptions {
  readonly by: string;
}

/** `dlq follow` */
export async function follow(terminal: Terminal, id: bigint, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async (session) =>
    followBulkRedrive(terminal, session, { redrive: await find(session, id), json }),
  );
}

/** `dlq stop` */
export async function stop(terminal: Terminal, id: bigint, { by, json }: SteerOptions): Promise<ExitCode> {
  return await withSession(async (session) => {
    const isStopped = await stopBulkRedrive(session.pool, { id, by });
    if (isStopped) logBulkRedriveSteered(session.log, { id, by, action: 'stopped' });
    const redrive = await find(session, id);
    if (!isStopped) throw new StartError(`Bulk redrive ${id} is ${redrive.state}. Nothing was done.`);
    const { filter: _filter, ...told } = redrive;
    terminal.print(
      json
        ? renderJson(told)
        : `Bulk redrive ${id} stops within a second; letters that were already redriven stay redriven. Resume it: npx tollgate dlq resume ${id}`,
    );
    return EXIT.done;
  });
}

/** `dlq resume` */
export async function resume(terminal: Terminal, id: bigint, { by, json }: SteerOptions): Promise<ExitCode> {
  return await withSession(async (session) => {
    await refuseWhileViolated(session);
    const isResumed = await resumeBulkRedrive(session.pool, { id });
    if (isResumed) logBulkRedriveSteered(session.log, { id, by, action: 'resumed' });
    const redrive = await find(session, id);
    if (!isResumed) throw new StartError(`Bulk redrive ${id} is ${redrive.state}. Nothing was done.`);
    return await followBulkRedrive(terminal, session, { redrive, json });
  });
}

async function find({ knex }: Session, id: bigint) {
  const redrive = await findBulkRedrive(knex, id);
  if (!redrive) throw new StartError(`There is no bulk redrive ${id}.`);
  return redrive;
}
