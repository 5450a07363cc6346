/**
 * Gives the options of a connection whose sessions begin with these settings. Settings that the address itself asks for
 * (`?options=-c search_path=shop`) stay, and ours come after them: the library would otherwise take the one or the other.
 */
export function withSessionOptions(
  databaseUrl: string,
  settings: Readonly<Record<string, string>>,
): { readonly connectionString: string; readonly options: string } {
  const ours = Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${escapeSpaces(value)}`)
    .join(' ');
  // Also addresses that name several hosts, or a socket, which `URL` cannot read.
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  const theirs = url?.searchParams.get('options');
  if (!url || !theirs) return { connectionString: databaseUrl, options: ours };
  url.searchParams.delete('options');
  return { connectionString: url.toString(), options: `${theirs} ${ours}` };
}

/** The server splits options at spaces that no backslash stands before. */
function escapeSpaces(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ');
}
