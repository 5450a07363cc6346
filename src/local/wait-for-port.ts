import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../shared/config.ts';
import { StartError } from '../shared/lifecycle.ts';
import { describeListenProblem, type ListenPlace } from '../shared/listen-problem.ts';

const PAUSE_MS = 200;

/**
 * Makes sure that the parts can listen where their settings say, before anything is started.
 * @param waitMs how long a port that is in use may take to become free.
 * @throws StartError when one cannot be listened on.
 */
export async function waitForPorts(config: Config, { waitMs }: { readonly waitMs: number }): Promise<void> {
  const places = [
    { host: config.api.host, port: config.api.port, portSetting: 'API_PORT' },
    { host: config.gatewayMock.host, port: config.gatewayMock.port, portSetting: 'GATEWAY_MOCK_PORT' },
    {
      host: config.worker.metricsHost,
      port: config.worker.metricsPort,
      portSetting: 'WORKER_METRICS_PORT',
    },
  ];
  for (const { host, port, portSetting } of places) {
    if (port === 0)
      throw new StartError(`${portSetting} must not be 0 here: the parts have to find each other.`);
    const other = places.find(
      (place) => place.port === port && place.portSetting !== portSetting && meet(place.host, host),
    );
    if (other)
      throw new StartError(
        `${portSetting} and ${other.portSetting} are both ${port}. Set one of them to another port.`,
      );
  }
  for (const place of places) await waitForPort({ ...place, waitMs });
}

/**
 * Makes sure that a port can be listened on.
 * @param waitMs how long it may take to become free.
 * @throws StartError when it cannot, with the reason and the setting to change.
 */
export async function waitForPort({
  waitMs,
  ...place
}: ListenPlace & { readonly waitMs: number }): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const error = await tryToListen(place);
    if (!error) return;
    // Time frees a port, and mends nothing else.
    if (error.code !== 'EADDRINUSE' || performance.now() >= deadline)
      throw new StartError(describeListenProblem(error, place), { cause: error });
    await sleep(PAUSE_MS);
  }
}

/** Whether two that listen there at one port would be in each other's way. */
function meet(host: string, other: string): boolean {
  return host === other || [host, other].some((each) => each === '0.0.0.0' || each === '::');
}

function tryToListen({ host, port }: ListenPlace): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
