import { countConnections, type Knex, type Pool } from '../database/database.ts';
import { Gauge, type Registry } from './metrics.ts';

/** Shows how pools use their connections; read from memory at each scrape. */
export function registerPoolGauge(registry: Registry, pools: Readonly<Record<string, Pool | Knex>>): void {
  new Gauge({
    name: 'tollgate_database_pool_connections',
    help: 'Connections by pool and state; waiting: requests that wait for a connection.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [pool, connections] of Object.entries(pools)) {
        for (const [state, count] of Object.entries(countConnections(connections))) {
          this.set({ pool, state }, count);
        }
      }
    },
  });
  const limit = new Gauge({
    name: 'tollgate_database_pool_limit_connections',
    help: 'How many connections a pool may open.',
    labelNames: ['pool'],
    registers: [registry],
  });
  for (const [pool, source] of Object.entries(pools)) {
    limit.set({ pool }, 'totalCount' in source ? source.options.max : source.client.pool.max);
  }
}
