import pg from 'pg';
import type { Config } from '../../process/settings/config.ts';
import { withSessionOptions } from './session-options.ts';
import { SESSION_SETTINGS } from './session-settings.ts';

export type DatabaseSettings = Pick<Config, 'service' | 'database'>;

/** PostgreSQL's int8. Ids and money both arrive as `bigint`, never as a float. */
const INT8_OID = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID && format !== 'binary'
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** Options of every connection of this process, whichever client library opens it. */
export function connectionOptions(
  databaseUrl: string,
  config: DatabaseSettings,
  applicationName: string,
  settings: Readonly<Record<string, string>> = {},
) {
  return {
    ...withSessionOptions(databaseUrl, { ...SESSION_SETTINGS, ...settings }),
    ...timeLimits(config),
    application_name: `${config.service.name}-${applicationName}`,
    // For networks that swallow answers. If the server is reachable, its own limit ends the statement first.
    query_timeout: config.database.statementTimeoutMs + 2000,
    connectionTimeoutMillis: config.database.connectTimeoutMs,
    keepAlive: true,
    types,
  };
}

/** The limits that the server enforces for each session. */
function timeLimits({ database }: DatabaseSettings) {
  return {
    statement_timeout: database.statementTimeoutMs,
    lock_timeout: database.lockTimeoutMs,
    // Our transactions never wait for anything but Postgres, so an idle one belongs to a hanging process.
    idle_in_transaction_session_timeout: database.statementTimeoutMs,
  };
}

/** All startup settings of a session; they are set once more after it is opened. */
export function allSettings(config: DatabaseSettings, settings: Readonly<Record<string, string>>) {
  const limits = Object.entries(timeLimits(config)).map(([name, limitMs]) => [name, String(limitMs)]);
  return { ...SESSION_SETTINGS, ...Object.fromEntries(limits), ...settings } as Record<string, string>;
}
