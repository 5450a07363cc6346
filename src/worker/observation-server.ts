import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Pool } from '../database/database.ts';
import { nameAbsence, readDatabaseState } from '../database/database-state.ts';
import type { NamedHost } from '../http/allowed-hosts.ts';
import { createPlainGuards } from '../http/plain-guards.ts';
import type { MetricsPage } from '../telemetry/metrics-page.ts';

const PING_TIMEOUT_MS = 1000;
const METHODS = ['GET'];

/**
 * A worker's metrics and health pages, all read-only. Health is answered for any Host, so that a health check does not fail only because of
 * the name that it uses.
 */
export function createObservationApp({
  metricsPage,
  pool,
  describe,
  allowedHosts,
  listenedOn,
}: {
  readonly metricsPage: MetricsPage;
  readonly pool: Pool;
  /** Facts about this worker for the health page. */
  readonly describe: () => Record<string, unknown>;
  /** Host names that metrics may be requested under, besides this machine's and `listenedOn`. */
  readonly allowedHosts: readonly NamedHost[];
  readonly listenedOn: string;
}): Express {
  const guards = createPlainGuards({ allowedHosts, listenedOn });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(guards.harden, keepOutOfCaches);

  serve('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  serve(['/health', '/health/ready'], async (_request, response) => {
    const database = await readDatabaseState(pool, PING_TIMEOUT_MS).catch(nameAbsence);
    const isReady = database === 'ok';
    response
      .status(isReady ? 200 : 503)
      .json({ status: isReady ? 'ok' : 'degraded', database, ...describe() });
  });
  app.use(guards.refuseForeignHosts);
  serve('/metrics', async (_request, response) => {
    response.type(metricsPage.mediaType).send(await metricsPage.read());
  });
  app.use(sendNotFound);
  app.use(sendUnreadable);
  return app;

  function serve(paths: string | string[], handler: RequestHandler): void {
    app.route(paths).get(handler).all(guards.refuseMethod(METHODS));
  }
}

const keepOutOfCaches: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

const sendNotFound: RequestHandler = (_request, response) => {
  response.status(404).json({ code: 'not_found', message: 'There is no such endpoint.' });
};

/** Metrics that could not be rendered, or a path that Express cannot decode. Never show a stack trace. */
const sendUnreadable: ErrorRequestHandler = (error, _request, response, _next) => {
  if (response.headersSent) response.destroy();
  else if (error instanceof URIError)
    response.status(400).json({ code: 'malformed_request', message: 'The path is malformed.' });
  else response.status(500).json({ code: 'internal', message: 'The server failed unexpectedly.' });
};
