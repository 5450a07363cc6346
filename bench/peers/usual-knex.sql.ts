import knexFactory, { type Knex } from 'knex';

/**
 * A pool of twenty: on two cores more connections than this only wait for each other, and fewer leave the 64 clients
 * waiting for one.
 */
const POOL_SIZE = 20;

export function openUsualKnex(databaseUrl: string): Knex {
  return knexFactory({
    client: 'pg',
    connection: { connectionString: databaseUrl, application_name: 'bench-usual' },
    pool: { min: POOL_SIZE, max: POOL_SIZE },
  });
}
