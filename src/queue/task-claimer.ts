import type { Queryable } from '../database/database.ts';
import { claimTasksInTurn } from './claim-in-turn.sql.ts';
import { claimRescuedTasks } from './claim-rescued.sql.ts';
import { claimTasks } from './claim-tasks.sql.ts';
import { decideFairShare } from './decide-fair-share.ts';
import { decideRescuedClaim } from './decide-rescued-claim.ts';
import type { ClaimedTask } from './task.ts';

export interface TaskClaimerOptions {
  readonly queryable: Queryable;
  /** Names this process in leases and attempts. */
  readonly worker: string;
  readonly leaseMs: number;
  /** Only tasks of this gateway are claimed; null or left out: of the one without a name. */
  readonly gatewayName?: string | null;
}

/** For how many claimed tasks the user is remembered. */
const REMEMBERED_TASKS = 200;
/**
 * Most claims look only at tasks that became ready after the last claimed one, minus this margin: a transaction that commits late has an
 * earlier `run_at` than tasks that were claimed in the meantime.
 */
const LATE_COMMIT_MS = 2000;
/** Every so often a claim looks at all tasks, for those that were given back or committed even later... */
const FULL_LOOK_MS = 2000;
/** ...but never so often that this takes more than about a twentieth of the time; the same goes for turns and a fifth. */
const FULL_LOOK_PAUSE_FACTOR = 20;
const TURN_PAUSE_FACTOR = 4;
/** If only heavy users have tasks, how often to look for others; a batch of calls takes longer. */
const EMPTY_TURN_PAUSE_MS = 50;
/** How many users without claimable tasks one turn may skip; each costs a few microseconds. */
const STEPS_OVER_USERS = 300;
const LARGEST_RESCUE_COUNT = 2_147_483_647;

/**
 * Claims tasks for one worker: by age, and in turn between users if a few of them fill the queue. The state that it keeps between claims
 * makes claims fair and cheap; correctness does not depend on it.
 */
export function createTaskClaimer({ queryable, worker, leaseMs, gatewayName = null }: TaskClaimerOptions) {
  let recentUserIds: bigint[] = [];
  let turnsOwed = 0;
  let afterUserId = 0n;
  let nextTurnAtMs = 0;
  let newestReadyAt: Date | null = null;
  let nextFullLookAtMs = 0;

  /** Takes one task from each of the users who do not fill the queue, if there are any. */
  async function claimInTurn(limit: number): Promise<ClaimedTask[]> {
    const { turnCount, heavyUserIds } = decideFairShare(recentUserIds, limit);
    turnsOwed = turnCount === 0 ? 0 : Math.min(turnsOwed + turnCount, limit);
    const startedAtMs = performance.now();
    const wanted = Math.floor(turnsOwed);
    if (wanted === 0 || startedAtMs < nextTurnAtMs) return [];
    turnsOwed -= wanted;

    const claimed: ClaimedTask[] = [];
    // At the end of a round, continue with the first user, so that one claim finds everybody who has a task.
    for (
      let partsLeft = afterUserId === 0n ? 1 : 2;
      partsLeft > 0 && claimed.length < wanted;
      partsLeft -= 1
    ) {
      const limitLeft = wanted - claimed.length;
      const turn = await unlessClaimed(claimed, () =>
        claimTasksInTurn(queryable, {
          worker,
          leaseMs,
          gatewayName,
          limit: limitLeft,
          afterUserId,
          exceptUserIds: heavyUserIds,
          maxSteps: limitLeft + STEPS_OVER_USERS,
        }),
      );
      if (!turn) break;
      const { tasks, nextAfterUserId } = turn;
      claimed.push(...tasks);
      afterUserId = nextAfterUserId ?? 0n;
      if (nextAfterUserId !== undefined) break;
    }
    const endedAtMs = performance.now();
    const restMs = claimed.length === 0 ? EMPTY_TURN_PAUSE_MS : 0;
    nextTurnAtMs = endedAtMs + Math.max(restMs, TURN_PAUSE_FACTOR * (endedAtMs - startedAtMs));
    return claimed;
  }

  async function claimByAge(limit: number): Promise<ClaimedTask[]> {
    const startedAtMs = performance.now();
    const isFullLook = newestReadyAt === null || startedAtMs >= nextFullLookAtMs;
    const readySince =
      isFullLook || newestReadyAt === null ? null : new Date(newestReadyAt.getTime() - LATE_COMMIT_MS);
    const tasks = await claimTasks(queryable, { worker, leaseMs, gatewayName, limit, readySince });
    if (isFullLook) {
      const endedAtMs = performance.now();
      nextFullLookAtMs =
        endedAtMs + Math.max(FULL_LOOK_MS, FULL_LOOK_PAUSE_FACTOR * (endedAtMs - startedAtMs));
    }
    const isFull = tasks.length === limit;
    remember(tasks, isFull);
    return tasks;
  }

  function remember(tasks: readonly ClaimedTask[], isFull: boolean): void {
    // If a claim gets all there is, nobody has to wait for anybody else.
    recentUserIds = isFull
      ? [...recentUserIds, ...tasks.map((task) => task.userId)].slice(-REMEMBERED_TASKS)
      : [];
    const newest = tasks.reduce<Date | null>(
      (latest, { readyAt }) => (latest === null || readyAt > latest ? readyAt : latest),
      null,
    );
    if (newest === null) return;
    // A full claim may have found old tasks and left more of them, so it may move the bound back.
    if (isFull || newestReadyAt === null || newest > newestReadyAt) newestReadyAt = newest;
  }

  return {
    /** Claims up to `limit` tasks that never lost a worker. */
    async claim(limit: number): Promise<ClaimedTask[]> {
      const inTurn = await claimInTurn(limit);
      if (inTurn.length === limit) return inTurn;
      const byAge = await unlessClaimed(inTurn, () => claimByAge(limit - inTurn.length));
      return [...inTurn, ...(byAge ?? [])];
    },

    /**
     * Claims tasks that lost a worker, few at a time.
     * @param heldRescueCounts the rescue counts of the rescued tasks that this worker already holds.
     */
    async claimRescued({
      limit,
      ...held
    }: {
      readonly limit: number;
      readonly heldRescueCounts: readonly number[];
      readonly maxRescues: number;
      readonly concurrency: number;
    }): Promise<ClaimedTask[]> {
      const { groupLimit, aloneLimit, aloneFrom } = decideRescuedClaim(held);
      const claimed: ClaimedTask[] = [];
      for (const [most, minRescues, maxRescues] of [
        [aloneLimit, aloneFrom, LARGEST_RESCUE_COUNT],
        [groupLimit, 1, aloneFrom - 1],
      ] as const) {
        const part = Math.min(most, limit - claimed.length);
        if (part <= 0) continue;
        const request = { worker, leaseMs, gatewayName, limit: part, minRescues, maxRescues };
        claimed.push(...((await unlessClaimed(claimed, () => claimRescuedTasks(queryable, request))) ?? []));
      }
      return claimed;
    },

    /** Lets the next claim look at all tasks, because some were given back that became ready long ago. */
    lookAtAll(): void {
      nextFullLookAtMs = 0;
    },
  };
}

/**
 * Runs a further part of a claim. If it fails after something was already claimed, that must be carried out and not be left until its lease
 * expires. So it then returns undefined; a lasting error appears again with the next claim.
 */
async function unlessClaimed<Result>(
  claimed: readonly ClaimedTask[],
  claimMore: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await claimMore();
  } catch (error) {
    if (claimed.length === 0) throw error;
    return undefined;
  }
}

export type TaskClaimer = ReturnType<typeof createTaskClaimer>;
