import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../shared/config.ts';
import { StartError } from '../shared/lifecycle.ts';

const PAUSE_MS = 200;

/**
 * Makes sure that the ports of all parts are free, before anything is started.
 * @param waitMs how long they may take to become so.
 * @throws StartError when one is in use.
 */
export async function waitForPorts(config: Config, { waitMs }: { readonly waitMs: number }): Promise<void> {
  const ports = [
    { host: config.API_HOST, port: config.API_PORT, setting: 'API_PORT' },
    { host: config.GATEWAY_MOCK_HOST, port: config.GATEWAY_MOCK_PORT, setting: 'GATEWAY_MOCK_PORT' },
    { host: config.WORKER_METRICS_HOST, port: config.WORKER_METRICS_PORT, setting: 'WORKER_METRICS_PORT' },
  ];
  for (const { port, setting } of ports) {
    if (port === 0) throw new StartError(`${setting} must not be 0 here: the parts have to find each other.`);
  }
  for (const port of ports) await waitForPort({ ...port, waitMs });
}

/**
 * Makes sure that a port is free.
 * @param waitMs how long it may take to become so.
 * @throws StartError when it is in use.
 */
export async function waitForPort({
  host,
  port,
  setting,
  waitMs,
}: {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
  readonly waitMs: number;
}): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await isFree(host, port))) {
    if (performance.now() >= deadline) {
      throw new StartError(
        `Port ${port} on ${host} is in use. Stop what uses it, or set ${setting} to another port.`,
      );
    }
    await sleep(PAUSE_MS);
  }
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
