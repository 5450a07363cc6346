import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Places beyond the limit, so that a connection that is too many can be told so, and probes still get through. */
const RESERVE = 100;

const surplus = new WeakSet<Socket>();

/**
 * Limits the connections that are open at once. Up to `RESERVE` more are let in but marked, for the app to answer them
 * with what is wrong; any beyond those are closed without an answer.
 */
export function limitConnections(server: Server, maxConnections: number): { openCount(): number } {
  let openCount = 0;
  server.maxConnections = maxConnections + RESERVE;
  server.on('connection', (socket: Socket) => {
    openCount += 1;
    if (openCount > maxConnections) surplus.add(socket);
    socket.once('close', () => {
      openCount -= 1;
    });
  });
  return { openCount: () => openCount };
}

/** Whether this connection was one too many when it was opened. */
export function isSurplusConnection(socket: Socket): boolean {
  return surplus.has(socket);
}
