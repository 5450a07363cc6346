import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { PaymentWorker } from './payment-worker.ts';

/** Shows the tasks that this worker holds of each gateway, by its name; read from memory at each scrape. */
export function registerRunGauges(
  registry: Registry,
  {
    workers,
    concurrency,
  }: { readonly workers: ReadonlyMap<string, Pick<PaymentWorker, 'counts'>>; readonly concurrency: number },
): void {
  const registers = [registry];
  new Gauge({
    name: 'tollgate_worker_runs',
    help: 'Tasks that this worker holds: waiting for a free slot, calling the gateway, or settling.',
    labelNames: ['gateway', 'state'],
    registers,
    collect() {
      for (const [gateway, worker] of workers) {
        const { waiting, calling, held } = worker.counts();
        this.set({ gateway, state: 'waiting' }, waiting);
        this.set({ gateway, state: 'calling' }, calling);
        this.set({ gateway, state: 'settling' }, Math.max(0, held - waiting - calling));
      }
    },
  });
  const limit = new Gauge({
    name: 'tollgate_worker_concurrency',
    help: 'The most calls to each gateway that this worker makes at once.',
    labelNames: ['gateway'],
    registers,
  });
  for (const gateway of workers.keys()) limit.set({ gateway }, concurrency);
}
