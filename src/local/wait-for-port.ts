import { createServer } from 'node:net';
import { retry } from '../background/retry.ts';
import { describeListenProblem, type ListenPlace } from '../http/listen-problem.ts';
import { StartError } from '../process/lifecycle.ts';
import type { Config } from '../process/settings/config.ts';

const PAUSES = { baseMs: 200, maxMs: 200 };

/**
 * Makes sure, before anything is started, that the parts can listen where their settings say.
 * @param waitMs how long to wait for a port that is in use.
 * @throws StartError if a port is not available.
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
      throw new StartError(`${portSetting} must not be 0 here: the parts must be able to find each other.`);
    const other = places.find(
      (place) => place.port === port && place.portSetting !== portSetting && meet(place.host, host),
    );
    if (other)
      throw new StartError(`${portSetting} and ${other.portSetting} are both ${port}. Change one of them.`);
  }
  for (const place of places) await waitForPort({ ...place, waitMs });
}

/**
 * Makes sure that a port can be listened on.
 * @param waitMs how long to wait until it is free.
 * @throws StartError if it cannot, with the reason and the setting to change.
 */
export async function waitForPort({
  waitMs,
  ...place
}: ListenPlace & { readonly waitMs: number }): Promise<void> {
  const deadline = performance.now() + waitMs;
  try {
    await retry(() => tryToListen(place), {
      pauses: PAUSES,
      // Waiting helps only if the port is in use.
      mayHelp: ({ error }) => isInUse(error) && performance.now() < deadline,
    });
  } catch (error) {
    throw new StartError(describeListenProblem(error as NodeJS.ErrnoException, place), { cause: error });
  }
}

/** Whether two listeners on these hosts would conflict on the same port. */
function meet(host: string, other: string): boolean {
  return host === other || [host, other].some((each) => each === '0.0.0.0' || each === '::');
}

function isInUse(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EADDRINUSE';
}

function tryToListen({ host, port }: ListenPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
