import pg from 'pg';

type Query = (...parameters: unknown[]) => unknown;

/**
 * A client that writes what is queried in one turn of the event loop to its socket at once. pg writes each query by itself,
 * and each write wakes the server's process, which then waits for the next.
 */
export class DatabaseClient extends pg.Client {
  #isGathering = false;

  override query = ((...parameters: unknown[]) => {
    this.#gather();
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
}
