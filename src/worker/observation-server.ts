import express, { type Express } from 'express';
import { nameAbsence, type Pool, readDatabaseState } from '../shared/database.ts';
import type { MetricsPage } from '../shared/metrics-page.ts';

const PING_TIMEOUT_MS = 1000;

/** What a worker shows of itself: metrics and health. */
export function createObservationApp({
  metricsPage,
  pool,
  describe,
}: {
  readonly metricsPage: MetricsPage;
  readonly pool: Pool;
  /** Facts about this worker for the health page. */
  readonly describe: () => Record<string, unknown>;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/metrics', async (_request, response) => {
    response.type(metricsPage.mediaType).send(await metricsPage.read());
  });
  app.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get(['/health', '/health/ready'], async (_request, response) => {
    const database = await readDatabaseState(pool, PING_TIMEOUT_MS).catch(nameAbsence);
    const isReady = database === 'ok';
    response
      .status(isReady ? 200 : 503)
      .json({ status: isReady ? 'ok' : 'degraded', database, ...describe() });
  });
  app.use((_request, response) => {
    response.status(404).json({ status: 'not found' });
  });
  return app;
}
