import type { Request } from 'express';

/** The path that a request was sent to, as a problem names it in `instance`: the one that the client knows, whichever of our names it used. */
export function requestPath({ originalUrl }: Pick<Request, 'originalUrl'>): string {
  const [path = '/'] = originalUrl.split('?');
  return path;
}
