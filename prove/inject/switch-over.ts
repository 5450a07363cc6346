import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { cancelWaitingCommits, onServer, promote, readServerPids } from './server.sql.ts';
import type { Standby } from './standby.ts';

const CANCEL_EVERY_MS = 40;
/** Far longer than what was kept back for a moment takes to reach the standby. */
const CATCH_UP_MS = 300;

/** How long each part of a switchover takes, and who hears of it. */
export interface SwitchOver {
  /** COMMITs wait for the standby, which is there, for this long before anything happens to it. */
  readonly calmMs: number;
  /** The standby hears nothing for this long, twice: the first time it catches up, the second time the primary is lost. */
  readonly stallMs: number;
  /** Hears, of each stall, how many COMMITs were cancelled while they waited for the standby. */
  readonly onCancelled: (count: number) => void;
  /**
   * What can be read from now on (`true`) may be lost: a COMMIT whose wait was cancelled is visible at the primary, and not with the
   * standby.
   */
  readonly onDoubt: (isDoubtful: boolean) => void;
  /** The standby writes now; connections to the old server are to be ended. */
  readonly onMoved: () => void;
}

export interface Servers {
  readonly primaryUrl: string;
  readonly primaryPid: () => number;
  /** Ends what is left of the primary, and does not start it again. */
  readonly stopPrimary: () => Promise<void>;
  readonly standby: Standby;
  readonly onMoved: () => void;
}

/**
 * Loses a primary for good, at a moment at which COMMITs that its standby does not have were cancelled, and makes the standby the
 * server that writes. Gives when the primary was lost, on the clock of `performance.now`.
 */
export async function switchOver(plan: SwitchOver, servers: Servers): Promise<number> {
  const { standby } = servers;
  const { link } = standby;
  await sleep(plan.calmMs);
  let lostAt = 0;
  try {
    await onServer(servers.primaryUrl, async (session) => {
      await stall(session);
      link.letGo();
      await sleep(CATCH_UP_MS);
      plan.onDoubt(false);
      await sleep(plan.calmMs);
      await stall(session);
      // Not one process of it may say another word.
      const pids = await readServerPids(session);
      lostAt = performance.now();
      for (const pid of [servers.primaryPid(), ...pids]) kill(pid);
    });
    await servers.stopPrimary();
    link.cut();
    await onServer(standby.postgres.databaseUrl, promote);
    servers.onMoved();
    plan.onMoved();
    return lostAt;
  } finally {
    plan.onDoubt(false);
    await link.stop();
  }

  async function stall(session: pg.Client): Promise<void> {
    plan.onDoubt(true);
    link.hold();
    const until = performance.now() + plan.stallMs;
    let count = 0;
    while (performance.now() < until) {
      await sleep(CANCEL_EVERY_MS);
      count += await cancelWaitingCommits(session);
    }
    plan.onCancelled(count);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
