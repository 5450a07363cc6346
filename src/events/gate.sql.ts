import type { Queryable } from '../database/database.ts';
import { SERVER_RUN } from './server-run.sql.ts';

/** How far readers may read. */
export interface Opening {
  /** Every event with this id or a smaller one is visible, or will never be. 0 while nothing is known. */
  readonly upTo: bigint;
  /** The last id that had been handed out; what is above `upTo` may yet become visible. */
  readonly handedOut: bigint;
  /** The run of the server of which this is true. */
  readonly serverRun: string;
}

export interface EventGate {
  /**
   * Looks once.
   * @returns how far readers may read now; a call that comes during a look gets the next one, which began after it.
   */
  look(): Promise<Opening>;
}

/** Ids that had been handed out, and a transaction id that was drawn after that. */
interface Sample {
  readonly lastId: bigint;
  readonly drawnXid: bigint;
}

/** More than this many do not make readers see events any sooner. */
const MOST_SAMPLES = 4;

/**
 * Decides how far readers may read, so that nobody sees an event before all those that come before it. Ids are drawn before they are
 * committed, so a smaller id may become visible after a larger one; transaction ids are drawn earlier still, before a transaction waits for
 * its locks, so their order is not that of what happened to a subject either.
 *
 * A sample is the last id that was handed out, and then a new transaction id. Whoever had been handed one of those ids had a transaction id
 * before (the default of `events.id` sees to it), so a smaller one than that of the sample. Once no transaction with a smaller one is open,
 * all those ids are decided: visible, or gone for good. What readers then see up to there, in the order of ids, is complete, and in order for
 * each subject, because an id is drawn under the lock of its subject.
 *
 * Nothing is stored: a process that begins takes a sample and waits. What was learned of one run of a server says nothing of another.
 */
export function createEventGate(queryable: Queryable): EventGate {
  let samples: readonly Sample[] = [];
  let opening: Opening = { upTo: 0n, handedOut: 0n, serverRun: '' };
  let running: Promise<Opening> | undefined;
  let next: Promise<Opening> | undefined;

  async function lookOnce(): Promise<Opening> {
    try {
      return learn(await readSample(queryable, samples.at(-1)?.lastId ?? opening.upTo));
    } catch (error) {
      forget('');
      throw error;
    }
  }

  function learn({ oldestOpenXid, lastId, drawnXid, serverRun }: LookedAt): Opening {
    const newest = samples.at(-1)?.lastId ?? opening.upTo;
    if (serverRun !== opening.serverRun || lastId < newest) forget(serverRun);
    // The snapshot of the look is older than its own sample, which it says nothing of.
    const decided = samples.filter((sample) => sample.drawnXid <= oldestOpenXid);
    opening = { serverRun, upTo: decided.at(-1)?.lastId ?? opening.upTo, handedOut: lastId };
    samples = samples.filter((sample) => !decided.includes(sample));
    if (drawnXid !== null && samples.length < MOST_SAMPLES && lastId > opening.upTo)
      samples = [...samples, { lastId, drawnXid }];
    return opening;
  }

  function forget(serverRun: string): void {
    samples = [];
    opening = { upTo: 0n, handedOut: 0n, serverRun };
  }

  function start(): Promise<Opening> {
    const started = lookOnce().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  }

  return {
    look() {
      if (!running) return start();
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined;
          return start();
        });
      return next;
    },
  };
}

interface LookedAt {
  /** The oldest transaction with an id that is open; every smaller id belongs to one that has ended. */
  readonly oldestOpenXid: bigint;
  readonly lastId: bigint;
  /** null if no id was handed out since the last sample: then none is needed, and none is used up. */
  readonly drawnXid: bigint | null;
  readonly serverRun: string;
}

/**
 * One statement, which is a transaction by itself: the row of the sequence is read first, and the transaction id is drawn when the row is
 * returned. Not `pg_snapshot_xmax`, which is older than that.
 */
async function readSample(queryable: Queryable, knownId: bigint): Promise<LookedAt> {
  const { rows } = await queryable.query<LookedAt>({
    name: 'events-look',
    text: `
      select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldestOpenXid",
             sampled.last_id as "lastId",
             case when sampled.last_id <> $1 then pg_current_xact_id()::text::bigint end as "drawnXid",
             ${SERVER_RUN} as "serverRun"
      from (
        -- Before the first id, the sequence says 1 as well.
        select case when is_called then last_value else 0 end as last_id
        from events_id_seq
        offset 0
      ) as sampled`,
    values: [knownId],
  });
  return rows[0] as LookedAt;
}
