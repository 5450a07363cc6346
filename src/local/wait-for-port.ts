import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../shared/lifecycle.ts';

const PAUSE_MS = 200;

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
