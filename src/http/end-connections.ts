import type { Server, ServerResponse } from 'node:http';

/**
 * Lets a server end its connections politely. A connection that is kept alive outlives `server.close()`: without this, a
 * client could go on sending payments to an API that is stopping, until the last of them is cut off.
 */
export function prepareToEndConnections(server: Server): { endConnections(): void } {
  const underWay = new Set<ServerResponse>();
  let isEnding = false;

  // Before the app's own listener, which may answer at once.
  server.prependListener('request', (_request, response) => {
    if (isEnding) {
      response.shouldKeepAlive = false;
      return;
    }
    underWay.add(response);
    response.once('close', () => {
      underWay.delete(response);
      // Its head may have promised to keep the connection before we knew better.
      if (isEnding) setImmediate(() => server.closeIdleConnections());
    });
  });

  return {
    /** From now on each answer, also of requests under way, is the last one of its connection. */
    endConnections() {
      isEnding = true;
      for (const response of underWay) response.shouldKeepAlive = false;
    },
  };
}
