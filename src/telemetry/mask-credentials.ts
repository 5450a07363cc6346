const SCHEME = /[a-z][a-z0-9+.-]*:\/\//gi;
/** Names of parameters with secret values, in a URL's query or in libpq notation. */
const SECRET_PARAMETER =
  /((?:^|[?&;\s])[\w.-]*(?:pass|secret|token|key|signature|auth|credential)[\w.-]*=)(?:'[^']*'|[^&\s#]+)/gi;

/**
 * Replaces the secrets in every URL of a text: user and password, and parameters with secret names. A password may contain any character,
 * even `@` and `/`, so everything up to the last `@` is removed: it is better to hide a host than to show part of a password.
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

/** How many characters after `://` belong to user and password, including the `@`. */
function credentialsLength(upToNextAddress: string, rest: string): number {
  const address = /^\S*/.exec(rest)?.[0] ?? '';
  const inAddress = address.lastIndexOf('@') + 1;
  if (inAddress > 0) return inAddress;
  // A password with a space in it: then the text before the space is not a valid host.
  const line = /^[^\n]*/.exec(upToNextAddress)?.[0] ?? '';
  return isHost(address) ? 0 : line.lastIndexOf('@') + 1;
}

function isHost(address: string): boolean {
  return !address.includes(':') || URL.canParse(`http://${address.replace(/[)\]},.;:'"]+$/, '')}`);
}
