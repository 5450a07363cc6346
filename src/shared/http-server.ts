import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './lifecycle.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 lets the system choose a free port. */
  readonly port: number;
  /** The setting that holds the port, named in the sentence about a port in use. */
  readonly portSetting: string;
  readonly requestTimeoutMs: number;
}

export interface RunningHttpServer {
  readonly port: number;
  readonly server: Server;
  /** Stops accepting, lets answers in flight finish up to `graceMs`, then cuts what is left. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Serves `listener` over HTTP.
 * @throws StartError when the port is in use or may not be opened.
 */
export async function startHttpServer(
  listener: RequestListener,
  { host, port, portSetting, requestTimeoutMs }: HttpServerOptions,
): Promise<RunningHttpServer> {
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, maxHeaderSize: 16_384 },
    listener,
  );
  // Longer than the 60 s after which common load balancers drop an idle connection; shorter would race with their reuse.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(startProblem(error, host, port, portSetting)));
    });
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async stop(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function startProblem(error: NodeJS.ErrnoException, host: string, port: number, portSetting: string): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use. Stop what uses it, or set ${portSetting} to another port.`;
  }
  if (error.code === 'EACCES')
    return `Port ${port} on ${host} may not be opened by this user. Set ${portSetting} to a port above 1023.`;
  return `Cannot listen on ${host}:${port} (${error.code ?? error.message}).`;
}
