import type { Server, ServerResponse } from 'node:http';

/**
 * Lets a server close its connections cleanly. A keep-alive connection outlives `server.close()`: without this, a client could keep sending
 * payments to an API that is stopping, until the last one is cut off.
 */
export function prepareToEndConnections(server: Server): { endConnections(): void } {
  const underWay = new Set<ServerResponse>();
  let isEnding = false;

  // This must run before the app's own listener, which may answer at once.
  server.prependListener('request', (_request, response) => {
    if (isEnding) {
      response.shouldKeepAlive = false;
      return;
    }
    underWay.add(response);
    response.once('close', () => {
      underWay.delete(response);
      // The headers may already have promised to keep the connection alive.
      if (isEnding) setImmediate(() => server.closeIdleConnections());
    });
  });

  return {
    /** From now on each answer, including those to requests in progress, is the last on its connection. */
    endConnections() {
      isEnding = true;
      for (const response of underWay) response.shouldKeepAlive = false;
    },
  };
}
