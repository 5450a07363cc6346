/**
 * The variables of libpq that pg reads as well. Those that say how to get in count beside DATABASE_URL, as people are used
 * to; those that shape a session would change what statements mean in some of our connections and not in others.
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
 * Removes what must not reach a connection, from this process and those that it starts.
 * @param isOwnServer the database is the embedded one: what is set speaks of some other server, all of it.
 */
export function forgetPostgresVariables(
  environment: NodeJS.ProcessEnv,
  { isOwnServer }: { readonly isOwnServer: boolean },
): void {
  for (const name of isOwnServer ? [...SHAPING, ...CONNECTING] : SHAPING) delete environment[name];
}

/** The names of the variables that had a say in how we connected. */
export function namePostgresVariables(environment: NodeJS.ProcessEnv = process.env): string[] {
  return CONNECTING.filter((name) => environment[name]);
}
