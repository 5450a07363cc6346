const SCHEME = /[a-z][a-z0-9+.-]*:\/\//gi;
/** Names of parameters whose values are secrets, in the query of an address or as libpq writes them. */
const SECRET_PARAMETER =
  /((?:^|[?&;\s])[\w.-]*(?:pass|secret|token|key|signature|auth|credential)[\w.-]*=)(?:'[^']*'|[^&\s#]+)/gi;

/**
 * Replaces what is secret in every address of a text: user and password, and parameters whose names say that they are
 * secret. A password may hold any character, `@` and `/` too, so all up to the last `@` goes: rather a host that is hidden than
 * a part of a password that shows.
 */
export function maskCredentials(text: string): string {
  const starts = [...text.matchAll(SCHEME)].map(({ index, 0: scheme }) => ({
    index,
    end: index + scheme.length,
  }));
  let masked = '';
  let doneTo = 0;
  for (const [number, { end }] of starts.entries()) {
    if (end < doneTo) continue;
    masked += text.slice(doneTo, end);
    const next = starts[number + 1]?.index ?? text.length;
    doneTo = end + credentialsLength(text.slice(end, next), text.slice(end));
    if (doneTo > end) masked += '***@';
  }
  return (masked + text.slice(doneTo)).replace(SECRET_PARAMETER, '$1***');
}

/** How many characters after `://` belong to user and password, with the `@`. */
function credentialsLength(upToNextAddress: string, rest: string): number {
  const address = /^\S*/.exec(rest)?.[0] ?? '';
  const inAddress = address.lastIndexOf('@') + 1;
  if (inAddress > 0) return inAddress;
  // A password with a blank in it: what stands before the blank is no host then.
  const line = /^[^\n]*/.exec(upToNextAddress)?.[0] ?? '';
  return isHost(address) ? 0 : line.lastIndexOf('@') + 1;
}

function isHost(address: string): boolean {
  return !address.includes(':') || URL.canParse(`http://${address.replace(/[)\]},.;:'"]+$/, '')}`);
}
