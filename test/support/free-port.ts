import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 15_000;
const RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range';

/**
 * A port of this machine that nothing listens on, for a program that cannot choose one itself. It lies below those that the system
 * gives away itself, to connections too, so nothing else takes it before the program does.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, findEphemeralStart());
    if (await isFree(port)) return port;
  }
}

/** The first of the ports that the system gives to whoever asks for any. */
function findEphemeralStart(): number {
  if (!existsSync(RANGE_FILE)) return 49_152;
  const found = Number.parseInt(readFileSync(RANGE_FILE, 'utf8'), 10);
  return found > LOWEST + 1000 ? found : 65_536;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
