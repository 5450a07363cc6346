import pg from 'pg';
import { CommitNotReplicated } from '../transactions/commit-outcome.ts';
import { isStandbyWarning } from '../transactions/standby-warning.ts';

type Done = (error: Error | undefined, result?: unknown) => void;
type Query = (...parameters: unknown[]) => unknown;

/**
 * A plan made for an empty table is wrong for a full one, and a queue can fill in seconds. Replanning a session's statements takes a few
 * milliseconds.
 */
const PLAN_AGE_MS = 1000;

/**
 * A client for prepared statements under load. It sends all queries of one turn of the event loop in one write: pg would write each query
 * separately, and each write would wake the server's process, only to wait for the next. It also renews plans now and then, which costs no
 * round trip.
 *
 * A statement that commits, by itself or as COMMIT, fails with CommitNotReplicated if the server warns that it has not reached the
 * synchronous standby: pg would report success.
 */
export class DatabaseClient extends pg.Client {
  #isGathering = false;
  #plansAreGoodUntilMs = Number.POSITIVE_INFINITY;

  #isWarned = false;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('notice', (notice) => {
      if (isStandbyWarning(notice)) this.#isWarned = true;
    });
  }

  override query = ((...parameters: unknown[]) => {
    this.#gather();
    this.#renewOldPlans();
    const last = parameters.at(-1);
    if (typeof last === 'function') return this.#submit(parameters.slice(0, -1), last as Done);
    return new Promise((resolve, reject) => {
      this.#submit(parameters, (error, result) => (error ? reject(error) : resolve(result)));
    }).catch((error: unknown) => {
      // As pg does: make the stack trace lead to the caller, not to the socket.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    });
  }) as pg.Client['query'];

  #submit(parameters: readonly unknown[], done: Done): unknown {
    return (super.query as Query)(...parameters, (error: Error | undefined, result: unknown) => {
      done(error ?? this.#takeWarning(), result);
    });
  }

  /**
   * Called for each result before the following messages are read, so the warning belongs to this statement. Inside a transaction a warning
   * is about something else: nothing was committed.
   */
  #takeWarning(): CommitNotReplicated | undefined {
    const isWarned = this.#isWarned && this.getTransactionStatus() === 'I';
    this.#isWarned = false;
    return isWarned ? new CommitNotReplicated() : undefined;
  }

  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    const { stream } = this.connection;
    stream.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  #renewOldPlans(): void {
    const now = performance.now();
    if (this.#plansAreGoodUntilMs === Number.POSITIVE_INFINITY) this.#plansAreGoodUntilMs = now + PLAN_AGE_MS;
    if (now < this.#plansAreGoodUntilMs) return;
    this.#plansAreGoodUntilMs = now + PLAN_AGE_MS;
    // If this fails, the next query fails too and reports it.
    super.query('discard plans').catch(() => {});
  }
}
