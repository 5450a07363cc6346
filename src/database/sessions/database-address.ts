/** Letters that end a part of an address, with what stands for them in a user name or password. */
const ENCODED = '# as %23, / as %2F, ? as %3F, @ as %40, : as %3A and % as %25';

/** What is wrong with an address of a database, as the end of a sentence that never shows it; undefined when it can be used. */
export function findAddressProblem(address: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(address)) return 'must start with postgres:// or postgresql://';
  // A fragment means nothing to a database: it is the rest of a password.
  if (address.includes('#'))
    return `has a # in it, and there an address ends: in a user name or password write ${ENCODED}`;
  const url = parse(address);
  if (!url) return `is not a valid address: in a user name or password write ${ENCODED}`;
  // A password with an unencoded @ or / leaves this behind; no host, and no database of ours, is named like that.
  if (url.hostname.includes('%40') || /@/.test(url.pathname + url.search))
    return `has a part that looks like the rest of a password: in a user name or password write ${ENCODED}`;
  try {
    decodeURIComponent(url.username + url.password + url.pathname);
  } catch {
    return `has a % that no two hexadecimal digits follow: in a user name or password write ${ENCODED}`;
  }
  return undefined;
}

/** Database and host, which is all of an address that may be shown: `tollgate on db.example:5432`. */
export function describeDatabase(address: string): string {
  const url = parse(address);
  if (!url) return 'in DATABASE_URL';
  const host = url.host === NO_HOST ? '' : decodeURIComponent(url.host);
  const place = url.searchParams.get('host') ?? (host || 'this machine');
  return `${decodeURIComponent(url.pathname.slice(1)) || 'of the default name'} on ${place}`;
}

/** A socket's folder is given as `?host=/run/postgresql`, and then the place of the host may be empty. */
const NO_HOST = 'no-host.invalid';

function parse(address: string): URL | undefined {
  const withHost = address.replace('@/', `@${NO_HOST}/`);
  return URL.canParse(withHost) ? new URL(withHost) : undefined;
}
