import type { Response } from 'express';
import { EVENT_STREAM } from './content/negotiate.ts';
import { factsOf } from './observe-request.ts';
import type { Answer } from './operation.ts';

/**
 * Sends an answer piece by piece. The next piece is made once the client has taken the last one, so that one that reads slowly fills no
 * memory; one that reads nothing is disconnected as any client is that keeps a connection without traffic.
 */
export async function sendStream(
  response: Response,
  {
    status,
    headers,
    stream,
  }: Pick<Answer, 'status' | 'headers'> & { readonly stream: AsyncIterable<string> },
): Promise<void> {
  factsOf(response).isStream = true;
  response.writeHead(status, {
    ...headers,
    'Content-Type': `${EVENT_STREAM}; charset=utf-8`,
    'Cache-Control': 'no-store',
    // nginx would keep it until it is complete.
    'X-Accel-Buffering': 'no',
  });
  for await (const piece of stream) {
    if (response.destroyed) return;
    if (!response.write(piece) && !response.destroyed) await waitUntilTaken(response);
  }
  response.end();
}

/** Resolves when the client has taken what was sent, or is gone. */
function waitUntilTaken(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off('drain', end);
      response.off('close', end);
      resolve();
    };
    response.on('drain', end);
    response.on('close', end);
  });
}
