import pg from 'pg';

type Query = (...parameters: unknown[]) => unknown;

/**
 * A plan that was made for an empty table is wrong for a full one, and a queue can fill in seconds. Making the plans of a
 * session anew takes a few milliseconds.
 */
const PLAN_AGE_MS = 1000;

/**
 * A client for prepared statements under load. What is queried in one turn of the event loop goes to the socket at once: pg
 * writes each query by itself, and each write wakes the server's process, which then waits for the next. Plans are
 * renewed now and then, which costs no round trip.
 */
export class DatabaseClient extends pg.Client {
  #isGathering = false;
  #plansAreGoodUntilMs = Number.POSITIVE_INFINITY;

  override query = ((...parameters: unknown[]) => {
    this.#gather();
    this.#renewOldPlans();
    return (super.query as Query)(...parameters);
  }) as pg.Client['query'];

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
    // It fails only where whatever is queried next fails, and says so, too.
    super.query('discard plans').catch(() => {});
  }
}
