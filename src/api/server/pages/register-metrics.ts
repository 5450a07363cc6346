import type { Express, RequestHandler } from 'express';
import type { MetricsPage } from '../../../telemetry/metrics-page.ts';
import { servePage } from './serve-page.ts';

/** Serves the metrics to anyone whom `guard` lets pass. */
export function registerMetrics(
  app: Express,
  { page, guard }: { readonly page: MetricsPage; readonly guard: RequestHandler },
): void {
  servePage(app, { paths: ['/metrics'], route: '/metrics' }, guard, async (_request, response) => {
    response.type(page.mediaType).send(await page.read());
  });
}
