import { type HttpServerOptions, startHttpServer } from '../../http/http-server.ts';
import type { Registry } from '../../telemetry/metrics.ts';
import type { ApiContext } from './api-context.ts';
import { observeConnections } from './api-metrics.ts';
import { createApp } from './create-app.ts';
import { createListener } from './create-listener.ts';
import type { Door } from './guards/decide-operator-access.ts';
import { answerUnreadableRequests } from './unreadable-requests.ts';

/** For people, their browsers, metrics scrapers and health checks. */
const MAX_OPERATOR_CONNECTIONS = 200;

/**
 * Listens for clients and, if OPERATOR_PORT is set, for operators on that port.
 * @throws StartError if a port cannot be opened; then no port stays open.
 */
export async function listen(context: ApiContext, registry: Registry) {
  const { config } = context;
  const hasOperatorPort = config.operators.port !== undefined;
  const clients = await open(context, hasOperatorPort ? 'clients' : 'everybody', {
    host: config.api.host,
    port: config.api.port,
    portSetting: 'API_PORT',
    maxConnections: config.api.maxConnections,
    maxPerAddress: config.api.maxConnectionsPerAddress,
    isProxy: config.api.isProxy,
  });
  observeConnections(registry, clients);
  const operators =
    config.operators.port === undefined
      ? undefined
      : await open(context, 'operators', {
          host: config.operators.host,
          port: config.operators.port,
          portSetting: 'OPERATOR_PORT',
          maxConnections: MAX_OPERATOR_CONNECTIONS,
        }).catch(async (error: unknown) => {
          await clients.stop(0);
          throw error;
        });
  return {
    port: clients.port,
    operatorPort: operators?.port,
    async stop(graceMs: number): Promise<void> {
      await Promise.all([clients.stop(graceMs), operators?.stop(graceMs)]);
    },
  };
}

async function open(context: ApiContext, door: Door, place: Omit<HttpServerOptions, 'requestTimeoutMs'>) {
  const server = await startHttpServer(createListener(createApp(context, { door }), context), {
    ...place,
    requestTimeoutMs: context.config.api.requestTimeoutMs,
  });
  answerUnreadableRequests(server.server);
  return server;
}
