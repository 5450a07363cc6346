import type { BreakerView } from '../gateway/health/circuit-breaker.ts';
import { Counter, Gauge, type Registry } from '../telemetry/metrics.ts';

const STATES: readonly BreakerView['state'][] = ['closed', 'half_open', 'open'];

/** Metrics of the circuit breaker and the limit on calls. */
export function createSteeringMetrics(
  registry: Registry,
  { view, callsPerSecond }: { readonly view: () => BreakerView; readonly callsPerSecond: number },
) {
  const registers = [registry];
  new Gauge({
    name: 'tollgate_gateway_breaker_state',
    help: "State of this worker's circuit breaker: 1 for the current state, 0 for the others.",
    labelNames: ['state'],
    registers,
    collect() {
      const { state } = view();
      for (const each of STATES) this.set({ state: each }, each === state ? 1 : 0);
    },
  });
  new Gauge({
    name: 'tollgate_gateway_calls_per_second_limit',
    help: 'Calls per second that all workers together may make; 0: no limit.',
    registers,
  }).set(callsPerSecond);
  return {
    breakerOpened: new Counter({
      name: 'tollgate_gateway_breaker_opened_total',
      help: 'How often the circuit breaker opened; a failed probe does not count.',
      registers,
    }),
    breakerProbes: new Counter({
      name: 'tollgate_gateway_breaker_probes_total',
      help: 'Probes that went out while the circuit breaker was open.',
      registers,
    }),
    limitWaits: new Counter({
      name: 'tollgate_gateway_rate_limit_waits_total',
      help: 'Calls that waited because of the limit on calls per second.',
      registers,
    }),
    limitWaitSeconds: new Counter({
      name: 'tollgate_gateway_rate_limit_wait_seconds_total',
      help: 'Total time that calls waited because of the limit on calls per second.',
      registers,
    }),
  };
}
