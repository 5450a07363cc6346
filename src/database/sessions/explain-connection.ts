import { maskCredentials } from '../../telemetry/mask-credentials.ts';
import { isRefusedByPooler } from '../transactions/classify-database-error.ts';
import { describeDatabase } from './database-address.ts';
import { namePostgresVariables } from './postgres-variables.ts';

/** What a pooler that hands sessions on one by one must be told, and what it then leaves to us to set. */
const POOLER_SETTINGS =
  'pool_mode = session and ignore_startup_parameters = extra_float_digits, options, statement_timeout, lock_timeout, idle_in_transaction_session_timeout';

const IN_WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'it gives no answer',
  EHOSTUNREACH: 'there is no way to it in the network',
  ENETUNREACH: 'there is no way to it in the network',
};

/** Why a database does not let us in, in words that fit after a colon; never with a password. */
export function connectionReason(error: unknown): string {
  // Of several addresses that were tried, the first tells as much as all of them.
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const code = first instanceof Error && 'code' in first ? String(first.code) : '';
  const words = IN_WORDS[code];
  if (words) return `${words} (${code})`;
  if (isRefusedByPooler(first))
    return `a pooler on the way does not take the settings that our sessions begin with (${first.message}); in PgBouncer set ${POOLER_SETTINGS}, or use the address of the server itself`;
  return maskCredentials((first instanceof Error && first.message) || 'no answer');
}

/** One sentence for a person about a database that cannot be used, with everything that had a say in how we connected. */
export function explainConnection(
  error: unknown,
  databaseUrl: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const variables = namePostgresVariables(environment);
  const advice =
    variables.length === 0
      ? 'Check DATABASE_URL.'
      : `Check DATABASE_URL, and ${variables.join(' and ')}, which ${variables.length === 1 ? 'is' : 'are'} set in the environment and ${variables.length === 1 ? 'counts' : 'count'}, too.`;
  return `The database ${describeDatabase(databaseUrl)} cannot be used: ${connectionReason(error)}. ${advice}`;
}
