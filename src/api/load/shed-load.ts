import type { RequestHandler } from 'express';
import type { DatabasePulse } from '../../database/sessions/database-pulse.ts';
import { isSurplusConnection } from '../../http/limit-connections.ts';
import type { Config } from '../../process/settings/config.ts';
import { Problem } from '../problems/problem.ts';
import type { ApiMetrics } from '../server/api-metrics.ts';
import { decideShedding } from './decide-shedding.ts';
import type { LoadMeter } from './load-meter.ts';

/** Health checks and metrics are answered under any load. */
const ALWAYS_ANSWERED: ReadonlySet<string> = new Set(['/api/v1/health/live', '/metrics']);
/** These report by themselves that the database is unavailable. */
const HEALTH_PATHS: ReadonlySet<string> = new Set(['/api/v1/health', '/api/v1/health/ready']);
const needsDatabase = (path: string) => path.startsWith('/api/') && !HEALTH_PATHS.has(path);

export interface SheddingOptions {
  readonly config: Config;
  readonly loadMeter: Pick<LoadMeter, 'read'>;
  readonly pulse: Pick<DatabasePulse, 'isHung'>;
  readonly metrics: ApiMetrics;
}

/** Turns requests away before they pile up: answers 503 at once, without reading or doing anything. */
export function shedLoad({ config, loadMeter, pulse, metrics }: SheddingOptions): RequestHandler {
  const limits = {
    maxRequestCount: config.api.maxConcurrentRequests,
    maxEventLoopDelayMs: config.api.shedEventLoopDelayMs,
    maxMemoryShare: config.api.shedMemoryShare,
  };
  let requestCount = 0;

  return (request, response, next) => {
    requestCount += 1;
    response.once('close', () => {
      requestCount -= 1;
    });
    const isSurplus = isSurplusConnection(request.socket);
    if (isSurplus) response.shouldKeepAlive = false;
    if (ALWAYS_ANSWERED.has(request.path)) {
      next();
      return;
    }
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD';
    const reason =
      isSurplus && !HEALTH_PATHS.has(request.path)
        ? 'connections'
        : decideShedding({ requestCount, ...loadMeter.read() }, { isWrite, limits });
    if (reason) {
      metrics.shed.inc({ reason });
      next(new Problem('overloaded'));
    } else if (pulse.isHung() && needsDatabase(request.path)) {
      metrics.shed.inc({ reason: 'database' });
      next(new Problem('database-unavailable'));
    } else next();
  };
}
