import { connectionReason } from '../../database/sessions/explain-connection.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { maskCredentials } from '../../telemetry/mask-credentials.ts';

/** PostgreSQL: the table, the schema or the column is not there. */
const NOT_MIGRATED = ['42P01', '3F000', '42703'];

/** One sentence for a person, without secrets, for whatever a command was ended by. */
export function explainError(error: unknown): string {
  const message = maskCredentials(reasonOf(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (NOT_MIGRATED.includes(code))
    return `The database does not have the tables of this version (${message}). Run: npx tollgate migrate`;
  switch (classifyDatabaseError(error).kind) {
    case 'connection':
      return `The database cannot be reached: ${connectionReason(error)}. Check DATABASE_URL, or run: npx tollgate doctor`;
    case 'lock_timeout':
      return `Somebody else has a table or a row that this needs, and did not let go in time (${message}). Find them with: select pid, application_name, state, query from pg_stat_activity where state <> 'idle'. Then run it again.`;
    case 'access_refused':
      return connectionReason(error);
    default:
      return message;
  }
}

/** Of several addresses that were tried, the first tells as much as all of them. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}
