/** Characters that end a part of a URL, with their encoding in a user name or password. */
const ENCODED = '# as %23, / as %2F, ? as %3F, @ as %40, : as %3A and % as %25';

/** What is wrong with a database URL, as the end of a sentence that never shows the URL; undefined if it can be used. */
export function findAddressProblem(address: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(address)) return 'must start with postgres:// or postgresql://';
  // A fragment means nothing in a database URL: it must be the rest of a password.
  if (address.includes('#'))
    return `contains a #, which ends a URL: in a user name or password write ${ENCODED}`;
  const url = parse(address);
  if (!url) return `is not a valid URL: in a user name or password write ${ENCODED}`;
  // A password with an unencoded @ or / leaves such a part behind; no host or database of ours has such a name.
  if (url.hostname.includes('%40') || /@/.test(url.pathname + url.search))
    return `contains what looks like the rest of a password: in a user name or password write ${ENCODED}`;
  try {
    decodeURIComponent(url.username + url.password + url.pathname);
  } catch {
    return `contains a % that is not followed by two hexadecimal digits: in a user name or password write ${ENCODED}`;
  }
  return undefined;
}

/** The database and host, the only parts of a URL that may be shown: `tollgate on db.example:5432`. */
export function describeDatabase(address: string): string {
  const url = parse(address);
  if (!url) return 'in DATABASE_URL';
  const host = url.host === NO_HOST ? '' : decodeURIComponent(url.host);
  const place = url.searchParams.get('host') ?? (host || 'this machine');
  return `${decodeURIComponent(url.pathname.slice(1)) || 'of the default name'} on ${place}`;
}

/** For a socket, `?host=/run/postgresql` names its folder, and the host part may be empty. */
const NO_HOST = 'no-host.invalid';

function parse(address: string): URL | undefined {
  const withHost = address.replace('@/', `@${NO_HOST}/`);
  return URL.canParse(withHost) ? new URL(withHost) : undefined;
}
