import type { Pool } from './database.ts';
import { Gauge, type Registry } from './metrics.ts';

/** Shows how a pool's connections are used; read from memory at each scrape. */
export function registerPoolGauge(registry: Registry, pools: Readonly<Record<string, Pool>>): void {
  new Gauge({
    name: 'tollgate_database_pool_connections',
    help: 'Connections by pool and state; waiting: requests for a connection that wait for one.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools)) {
        this.set({ pool, state: 'used' }, totalCount - idleCount);
        this.set({ pool, state: 'idle' }, idleCount);
        this.set({ pool, state: 'waiting' }, waitingCount);
      }
    },
  });
}
