import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from '../process/lifecycle.ts';
import { type AddressList, NO_ADDRESSES } from './address-list.ts';
import { prepareToEndConnections } from './end-connections.ts';
import { limitConnections } from './limit-connections.ts';
import { describeListenProblem } from './listen-problem.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 lets the system choose a free port. */
  readonly port: number;
  /** The name of the port's setting, for the message about a port in use. */
  readonly portSetting: string;
  /** How long a request may take to arrive; a connection without traffic for twice as long is closed. */
  readonly requestTimeoutMs: number;
  /** The most connections that may be open at once. */
  readonly maxConnections: number;
  /** How many of them one address may have; by default all. */
  readonly maxPerAddress?: number;
  /** Addresses that the per-address limit does not apply to, because they forward requests of many clients. */
  readonly isProxy?: AddressList;
}

export interface RunningHttpServer {
  readonly port: number;
  readonly server: Server;
  connectionCount(): number;
  /** Counts connections that were closed to make room for others. */
  evictedCount(): number;
  /** Stops accepting, lets answers in progress finish for up to `graceMs`, then closes what is left. */
  stop(graceMs: number): Promise<void>;
}

const MAX_HEADER_BYTES = 16_384;
/** Connections end now and then, so that they spread again after a process is added behind a load balancer. */
const MAX_REQUESTS_PER_CONNECTION = 100_000;
/** How often Node checks for late requests; with its default of 30 s, each could last that much longer. */
const CHECK_INTERVAL_MS = 500;

/**
 * Serves `listener` over HTTP, with a limit on everything that a client could use too much of.
 * @throws StartError if it cannot listen, with the reason and the setting to change.
 */
export async function startHttpServer(
  listener: RequestListener,
  options: HttpServerOptions,
): Promise<RunningHttpServer> {
  const { host, port, portSetting, requestTimeoutMs, maxConnections } = options;
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, requestTimeoutMs),
      maxHeaderSize: MAX_HEADER_BYTES,
      // Longer than the 60 s after which common load balancers drop idle connections; a shorter time would race with their reuse.
      keepAliveTimeout: 65_000,
      // Let the app answer a request without a Host header, and say what is wrong with it.
      requireHostHeader: false,
    },
    listener,
  );
  // A connection without traffic: its client does not read the answer, or is gone.
  server.timeout = requestTimeoutMs * 2;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  // With a limit, Node silently ignores the headers beyond it, and an Idempotency-Key could be among them.
  server.maxHeadersCount = 0;
  const connections = limitConnections(server, {
    maxConnections,
    maxPerAddress: options.maxPerAddress ?? maxConnections,
    isProxy: options.isProxy ?? NO_ADDRESSES,
  });
  const { endConnections } = prepareToEndConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(describeListenProblem(error, { host, port, portSetting })));
    });
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    connectionCount: connections.openCount,
    evictedCount: connections.evictedCount,
    async stop(graceMs) {
      endConnections();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
