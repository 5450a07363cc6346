import { connectionReason } from '../../database/sessions/explain-connection.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { maskCredentials } from '../../telemetry/mask-credentials.ts';

/** PostgreSQL: the table, schema or column does not exist. */
const NOT_MIGRATED = ['42P01', '3F000', '42703'];

/** One sentence for a person, without secrets, for any error that ended a command. */
export function explainError(error: unknown): string {
  const message = maskCredentials(reasonOf(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (NOT_MIGRATED.includes(code))
    return `The database does not have the tables of this version (${message}). Run: npx tollgate migrate`;
  switch (classifyDatabaseError(error).kind) {
    case 'connection':
      return `The database cannot be reached: ${connectionReason(error)}. Check DATABASE_URL, or run: npx tollgate doctor`;
    case 'lock_timeout':
      return `Another session holds a lock that this command needs, and did not release it in time (${message}). Find it with: select pid, application_name, state, query from pg_stat_activity where state <> 'idle'. Then run the command again.`;
    case 'access_refused':
      return connectionReason(error);
    default:
      return message;
  }
}

/** If several addresses were tried, the first error says as much as all of them. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}
