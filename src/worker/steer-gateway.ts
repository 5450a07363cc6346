import type { Pool } from '../database/database.ts';
import { createCallBudget } from '../gateway/health/call-budget.ts';
import { type BreakerChange, createCircuitBreaker } from '../gateway/health/circuit-breaker.ts';
import { limitCalls } from '../gateway/health/limit-calls.ts';
import { probeByInquiry } from '../gateway/health/probe-by-inquiry.ts';
import type { PaymentGateway } from '../gateway/port/payment-gateway.ts';
import type { Config } from '../process/settings/config.ts';
import type { Logger } from '../telemetry/logging.ts';
import type { SteeringMetrics } from './steering-metrics.ts';

const INQUIRIES_PER_SWEEP = 50;

/**
 * This process's circuit breaker of one gateway, and the limit on calls to it, if one is set, with their metrics and logs. All workers share
 * the gateway's row of call slots.
 */
export function steerGateway({
  name,
  config,
  gateway,
  pool,
  metrics: { ofGateway },
  log,
  onChange,
}: {
  /** The gateway's, in metrics and logs. */
  readonly name: string;
  /** With the settings of this gateway. */
  readonly config: Config;
  readonly gateway: PaymentGateway;
  readonly pool: Pool;
  readonly metrics: SteeringMetrics;
  readonly log: Logger;
  /** Called when the breaker changes its state, since there may be something to do. */
  readonly onChange: () => void;
}) {
  const callsPerSecond = config.gateway.maxCallsPerSecond;
  const breaker = createCircuitBreaker({
    policy: {
      failureShare: config.gateway.breakerFailureShare,
      minCalls: config.gateway.breakerMinCalls,
      windowCalls: Math.max(config.gateway.breakerWindowCalls, config.gateway.breakerMinCalls),
      probeMs: config.gateway.breakerProbeMs,
      probeMaxMs: config.gateway.breakerProbeMaxMs,
    },
    onChange(change) {
      report(change);
      onChange();
    },
  });
  const metrics = ofGateway(name, { view: breaker.view, callsPerSecond });
  const callBudget =
    callsPerSecond === 0
      ? undefined
      : createCallBudget({
          queryable: pool,
          gateway: name,
          callsPerSecond,
          onWait: metrics.waited,
          onError: (error) => log.error({ event: 'gateway.call_budget_failed', gateway: name, error }),
        });
  const limited = callBudget ? limitCalls(gateway, callBudget) : gateway;

  function report({ from, to, reason, probeInMs }: BreakerChange): void {
    const about = { gateway: name, reason };
    if (to === 'closed') log.info({ event: 'breaker.closed', ...about });
    else if (to === 'half_open') {
      metrics.probed();
      log.info({ event: 'breaker.half_open', ...about });
    } else {
      if (from === 'closed') metrics.opened();
      log.warn({ event: 'breaker.opened', ...about, from, probe_in_ms: Math.round(probeInMs ?? 0) });
    }
  }

  return {
    breaker,
    callBudget,
    /** The gateway for the sweep of payments whose outcome is unknown. */
    inquiryGateway: probeByInquiry(limited, breaker),
    /** How many inquiries the next sweep may make: while the gateway is down at most one probe, and never for long. */
    inquiryLimit(): number {
      if (!breaker.isClosed()) return breaker.isProbeDue() ? 1 : 0;
      const perSecond = callsPerSecond === 0 ? INQUIRIES_PER_SWEEP : Math.max(1, Math.floor(callsPerSecond));
      return Math.min(INQUIRIES_PER_SWEEP, perSecond, breaker.allowance());
    },
    stop(): void {
      callBudget?.stop();
    },
    describe() {
      const { state, since, nextProbeAt } = breaker.view();
      return {
        breaker: state,
        since: since.toISOString(),
        next_probe_at: nextProbeAt?.toISOString() ?? null,
        calls_per_second_limit: callsPerSecond === 0 ? null : callsPerSecond,
      };
    },
  };
}
