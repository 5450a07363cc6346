/**
 * The connection options for sessions that start with these settings. Settings in the URL itself (`?options=-c search_path=shop`) stay,
 * with ours after them; the library would otherwise use only one of the two.
 */
export function withSessionOptions(
  databaseUrl: string,
  settings: Readonly<Record<string, string>>,
): { readonly connectionString: string; readonly options: string } {
  const ours = Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${escapeSpaces(value)}`)
    .join(' ');
  // This also handles URLs with several hosts or a socket, which `URL` cannot parse.
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  const theirs = url?.searchParams.get('options');
  if (!url || !theirs) return { connectionString: databaseUrl, options: ours };
  url.searchParams.delete('options');
  return { connectionString: url.toString(), options: `${theirs} ${ours}` };
}

/** The server splits options at spaces that are not preceded by a backslash. */
function escapeSpaces(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ');
}
