import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopbackHost } from './loopback.ts';

const NAME_AND_PORT = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::(\d{1,5}))?$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

export interface NamedHost {
  /** In lower case; an IPv6 address without its brackets. */
  readonly name: string;
  readonly port: string | undefined;
}

/** Parses a host as in the Host header; undefined if it is not valid. */
export function parseHost(text: string): NamedHost | undefined {
  const [, name, port] = NAME_AND_PORT.exec(text.toLowerCase()) ?? [];
  if (name === undefined) return undefined;
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return name === bare || isIP(bare) === 6 ? { name: bare, port } : undefined;
}

/** A setting with a comma-separated list of hosts. */
export const hostList = z.string().transform((value, context): readonly NamedHost[] => {
  const hosts = value.split(',').map((entry) => parseHost(entry.trim()));
  if (hosts.every((host) => host !== undefined)) return hosts;
  context.addIssue({
    code: 'custom',
    message: 'must be a comma-separated list of host names, for example pay.example,pay.internal',
  });
  return z.NEVER;
});

/**
 * Whether a request may name this host: this machine, the address that the connection came to, or an allowed host. A page can point its own
 * name to this machine (DNS rebinding), but the browser then still sends that name.
 */
export function isAllowedHost(
  host: NamedHost,
  {
    allowed,
    localAddress,
  }: { readonly allowed: readonly NamedHost[]; readonly localAddress: string | undefined },
): boolean {
  return (
    isLoopbackHost(host.name) ||
    host.name === localAddress?.replace(/^::ffff:(?=\d+\.)/, '') ||
    allowed.some(({ name }) => name === host.name)
  );
}

/** Whether a page of this origin is ours: of the host that the request names, or of an allowed host. */
export function isOwnOrigin(
  origin: string,
  { host, allowed }: { readonly host: string | undefined; readonly allowed: readonly NamedHost[] },
): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost, hostname, port } = new URL(origin);
  if (!(protocol in DEFAULT_PORTS)) return false;
  if (originHost === host?.toLowerCase()) return true;
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return allowed.some((entry) => entry.name === bare && (entry.port ?? '') === port);
}
