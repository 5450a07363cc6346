import type { Request } from 'express';

/** Fires when the connection of a request closes: the client has its answer, or wants none any more. */
export function signalOfLeaving({ res: response }: Request): AbortSignal {
  const leaving = new AbortController();
  if (!response || response.closed || response.destroyed) leaving.abort();
  else response.once('close', () => leaving.abort());
  return leaving.signal;
}
