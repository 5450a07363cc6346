import { hash } from 'node:crypto';

/**
 * SHA-256 over method, route and what was understood of the body: two ways to write one request are the same request.
 * @param route the pattern of the path.
 * @param understood what was read, each value in the one form that it has; no value holds a line break.
 */
export function fingerprintOf(
  method: string,
  route: string,
  understood: Readonly<Record<string, string>>,
): Buffer {
  const members = Object.entries(understood).map(([name, value]) => `${name}=${value}`);
  return hash('sha256', [`${method} ${route}`, ...members.sort()].join('\n'), 'buffer');
}
