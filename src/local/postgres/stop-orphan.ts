import { execFile } from 'node:child_process';
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../../process/lifecycle.ts';
import { describeProcess, isLocalStack } from '../describe-process.ts';
import type { PostgresProcessOptions } from './postgres-cluster.ts';

const run = promisify(execFile);
const STOP_SECONDS = 30;

/**
 * Stops the server that a killed process left running on a cluster, and only that one: the pid in the file may by now belong to another
 * process, or to the server of a running stack.
 * @throws StartError if a running stack uses the cluster, or if the server does not stop.
 */
export async function stopOrphan({
  cluster,
  pgCtl,
  processOptions,
  onNotice,
}: {
  readonly cluster: string;
  readonly pgCtl: string;
  readonly processOptions: PostgresProcessOptions;
  readonly onNotice: ((sentence: string) => void) | undefined;
}): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === undefined) return;
  const isServer = () => isServerOf(cluster, pid);
  if (!isServer()) {
    // Remove the stale file: Postgres trusts it while any process has that pid, and refuses an empty one. If sessions of the old server are
    // still running, Postgres detects them by their shared memory.
    rmSync(pidFile, { force: true });
    return;
  }
  const parentPid = describeProcess(pid)?.parentPid;
  if (parentPid !== undefined && parentPid !== process.pid && isLocalStack(parentPid)) {
    throw new StartError(
      `Tollgate is already running on the data in ${cluster} (process ${parentPid}). Stop it first.`,
    );
  }
  onNotice?.('Stopping the Postgres that an earlier run left behind.');
  try {
    await run(pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', String(STOP_SECONDS)], processOptions);
  } catch (error) {
    // It may have ended at the same moment.
    if (!isServer()) return;
    throw new StartError(`The Postgres that an earlier run left behind (process ${pid}) does not stop.`, {
      cause: error,
    });
  }
}

/** A server's working folder is its cluster; where the system does not reveal it, check the arguments. */
function isServerOf(cluster: string, pid: number): boolean {
  const { folder, command = '' } = describeProcess(pid) ?? {};
  return folder === undefined ? command.includes(cluster) : folder === realpathSync(cluster);
}

function readPid(pidFile: string): number | undefined {
  try {
    return Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}
