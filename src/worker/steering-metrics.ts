import type { BreakerView } from '../gateway/health/circuit-breaker.ts';
import { Counter, Gauge, type Registry } from '../telemetry/metrics.ts';

const STATES: readonly BreakerView['state'][] = ['closed', 'half_open', 'open'];

/** Metrics of the circuit breakers and the limits on calls. `ofGateway` gives those of one gateway, whose name is a label of all. */
export function createSteeringMetrics(registry: Registry) {
  const registers = [registry];
  const views = new Map<string, () => BreakerView>();
  new Gauge({
    name: 'tollgate_gateway_breaker_state',
    help: "State of this worker's circuit breaker of each gateway: 1 for the current state, 0 for the others.",
    labelNames: ['gateway', 'state'],
    registers,
    collect() {
      for (const [gateway, view] of views) {
        const { state } = view();
        for (const each of STATES) this.set({ gateway, state: each }, each === state ? 1 : 0);
      }
    },
  });
  const limit = new Gauge({
    name: 'tollgate_gateway_calls_per_second_limit',
    help: 'Calls per second that all workers together may make to each gateway; 0: no limit.',
    labelNames: ['gateway'],
    registers,
  });
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['gateway'], registers });
  const opened = counter(
    'tollgate_gateway_breaker_opened_total',
    'How often the circuit breaker opened; a failed probe does not count.',
  );
  const probes = counter(
    'tollgate_gateway_breaker_probes_total',
    'Probes that went out while the circuit breaker was open.',
  );
  const waits = counter(
    'tollgate_gateway_rate_limit_waits_total',
    'Calls that waited because of the limit on calls per second.',
  );
  const waitSeconds = counter(
    'tollgate_gateway_rate_limit_wait_seconds_total',
    'Total time that calls waited because of the limit on calls per second.',
  );
  return {
    ofGateway(
      gateway: string,
      { view, callsPerSecond }: { readonly view: () => BreakerView; readonly callsPerSecond: number },
    ) {
      views.set(gateway, view);
      limit.set({ gateway }, callsPerSecond);
      for (const each of [opened, probes, waits, waitSeconds]) each.inc({ gateway }, 0);
      return {
        opened: () => opened.inc({ gateway }),
        probed: () => probes.inc({ gateway }),
        waited(waitedMs: number) {
          waits.inc({ gateway });
          waitSeconds.inc({ gateway }, waitedMs / 1000);
        },
      };
    },
  };
}

export type SteeringMetrics = ReturnType<typeof createSteeringMetrics>;
