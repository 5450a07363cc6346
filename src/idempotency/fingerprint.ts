import { hash } from 'node:crypto';

/**
 * SHA-256 over the method, the route and the values read from the body, so that two spellings of the same request are the same request.
 * @param route the pattern of the path.
 * @param understood the values read from the body, each in canonical form; no value contains a line break.
 */
export function fingerprintOf(
  method: string,
  route: string,
  understood: Readonly<Record<string, string>>,
): Buffer {
  const members = Object.entries(understood).map(([name, value]) => `${name}=${value}`);
  return hash('sha256', [`${method} ${route}`, ...members.sort()].join('\n'), 'buffer');
}
