import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { PaymentWorker } from './payment-worker.ts';

/** Shows the tasks that this worker holds; read from memory at each scrape. */
export function registerRunGauges(
  registry: Registry,
  { worker, concurrency }: { readonly worker: Pick<PaymentWorker, 'counts'>; readonly concurrency: number },
): void {
  const registers = [registry];
  new Gauge({
    name: 'tollgate_worker_runs',
    help: 'Tasks that this worker holds: waiting for a free slot, calling the gateway, or settling.',
    labelNames: ['state'],
    registers,
    collect() {
      const { waiting, calling, held } = worker.counts();
      this.set({ state: 'waiting' }, waiting);
      this.set({ state: 'calling' }, calling);
      this.set({ state: 'settling' }, Math.max(0, held - waiting - calling));
    },
  });
  new Gauge({
    name: 'tollgate_worker_concurrency',
    help: 'The most calls to the gateway that this worker makes at once.',
    registers,
  }).set(concurrency);
}
