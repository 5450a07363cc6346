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

/** Reads a host as the header Host has it; undefined when it is none. */
export function parseHost(text: string): NamedHost | undefined {
  const [, name, port] = NAME_AND_PORT.exec(text.toLowerCase()) ?? [];
  if (name === undefined) return undefined;
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return name === bare || isIP(bare) === 6 ? { name: bare, port } : undefined;
}

/** A setting that lists hosts, with a comma between them. */
export const hostList = z.string().transform((value, context): readonly NamedHost[] => {
  const hosts = value.split(',').map((entry) => parseHost(entry.trim()));
  if (hosts.every((host) => host !== undefined)) return hosts;
  context.addIssue({
    code: 'custom',
    message: 'must be names of hosts with a comma between them, for example pay.example,pay.internal',
  });
  return z.NEVER;
});

/**
 * Whether a request may name this host: this machine, the address that the connection came to, or one that was allowed.
 * A page can let a name of its own point to this machine (DNS rebinding), but a browser then still sends that name.
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

/** Whether a page of this origin is one of ours: of the host that the request names, or of one that was allowed. */
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
