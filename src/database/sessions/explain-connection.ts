import { maskCredentials } from '../../telemetry/mask-credentials.ts';
import { isRefusedByPooler } from '../transactions/classify-database-error.ts';
import { describeDatabase } from './database-address.ts';
import { namePostgresVariables } from './postgres-variables.ts';

/** The settings that a pooler in session mode needs. Tollgate then sets the ignored parameters itself. */
const POOLER_SETTINGS =
  'pool_mode = session and ignore_startup_parameters = extra_float_digits, options, statement_timeout, lock_timeout, idle_in_transaction_session_timeout';

const IN_WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host with that name',
  EAI_AGAIN: 'its name cannot be resolved at the moment',
  ECONNREFUSED: 'nothing is listening there',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'the network has no route to it',
  ENETUNREACH: 'the network has no route to it',
};

/** Why we cannot connect to a database, phrased to follow a colon, and never with a password. */
export function connectionReason(error: unknown): string {
  // If several addresses were tried, the first error says as much as all of them.
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const code = first instanceof Error && 'code' in first ? String(first.code) : '';
  const words = IN_WORDS[code];
  if (words) return `${words} (${code})`;
  if (isRefusedByPooler(first))
    return `a pooler refuses the startup settings of Tollgate's sessions (${first.message}); in PgBouncer set ${POOLER_SETTINGS}, or use the URL of the server itself`;
  return maskCredentials((first instanceof Error && first.message) || 'no answer');
}

/** One sentence for a person about a database that cannot be used, naming every variable that affected the connection. */
export function explainConnection(
  error: unknown,
  databaseUrl: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const variables = namePostgresVariables(environment);
  const advice =
    variables.length === 0
      ? 'Check DATABASE_URL.'
      : `Check DATABASE_URL, and ${variables.join(' and ')}, which ${variables.length === 1 ? 'is' : 'are'} set in the environment and also ${variables.length === 1 ? 'affects' : 'affect'} the connection.`;
  return `The database ${describeDatabase(databaseUrl)} cannot be used: ${connectionReason(error)}. ${advice}`;
}
