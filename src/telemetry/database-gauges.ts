import type { Pool } from '../database/database.ts';
import { Gauge, type Registry } from './metrics.ts';
import { selectDatabaseSample } from './sample-database.sql.ts';
import type { Sampler } from './sampling.ts';

const CONNECTION_STATES = ['active', 'idle', 'idle_in_transaction', 'other'];

/** Gauges of the database's own health: what holds vacuum back, and where it is behind. */
export function createDatabaseGauges({
  pool,
  registry,
  tables,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
  /** Tables with a high turnover of rows; the values of the label `table`. */
  readonly tables: readonly string[];
}): Sampler {
  const registers = [registry];
  const oldestTransaction = new Gauge({
    name: 'tollgate_database_oldest_transaction_seconds',
    help: 'Age of the oldest open transaction that holds a snapshot or writes.',
    registers,
  });
  const snapshotLag = new Gauge({
    name: 'tollgate_database_snapshot_lag_transactions',
    help: 'Transactions begun since the oldest snapshot that a session, replica or prepared transaction holds.',
    registers,
  });
  const connections = new Gauge({
    name: 'tollgate_database_connections',
    help: 'Connections to this database by state, from all its clients.',
    labelNames: ['state'],
    registers,
  });
  const deadTuples = new Gauge({
    name: 'tollgate_database_dead_tuples',
    help: 'Estimated number of row versions that wait for vacuum, from the statistics.',
    labelNames: ['table'],
    registers,
  });
  const liveTuples = new Gauge({
    name: 'tollgate_database_live_tuples',
    help: 'Estimated number of rows, from the statistics.',
    labelNames: ['table'],
    registers,
  });

  return async () => {
    const sample = await selectDatabaseSample(pool, tables);
    // Never negative, even if the clock was set back.
    oldestTransaction.set(Math.max(0, sample.oldestTransactionSeconds));
    snapshotLag.set(sample.snapshotLagTransactions);
    for (const state of CONNECTION_STATES) {
      const found = sample.connectionCounts.find((entry) => entry.state === state);
      connections.set({ state }, found?.count ?? 0);
    }
    for (const { table, live, dead } of sample.tables) {
      liveTuples.set({ table }, live);
      deadTuples.set({ table }, dead);
    }
  };
}
