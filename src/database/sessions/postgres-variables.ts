/**
 * The libpq variables that pg reads as well. Variables for connecting count in addition to DATABASE_URL, as people expect. Variables that
 * configure a session would change the meaning of statements in some of our connections and not in others.
 */
const CONNECTING = [
  'PGHOST',
  'PGPORT',
  'PGDATABASE',
  'PGUSER',
  'PGPASSWORD',
  'PGPASSFILE',
  'PGSSLMODE',
  'PGSSLNEGOTIATION',
] as const;
const SHAPING = ['PGOPTIONS', 'PGCLIENT_ENCODING', 'PGREPLICATION', 'PGBINARY', 'PGAPPNAME'] as const;

/**
 * Removes the variables that must not reach a connection, from this process and those that it starts.
 * @param isOwnServer the database is the embedded one, so all of these variables are about some other server.
 */
export function forgetPostgresVariables(
  environment: NodeJS.ProcessEnv,
  { isOwnServer }: { readonly isOwnServer: boolean },
): void {
  for (const name of isOwnServer ? [...SHAPING, ...CONNECTING] : SHAPING) delete environment[name];
}

/** The names of the variables that affected how we connected. */
export function namePostgresVariables(environment: NodeJS.ProcessEnv = process.env): string[] {
  return CONNECTING.filter((name) => environment[name]);
}
