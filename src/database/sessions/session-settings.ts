/**
 * The settings that all our sessions start with, whatever the defaults of the server, database or role. Deliberately left alone are
 * `search_path` and `TimeZone`, which change nothing that we read, and `default_transaction_read_only`, which fences a server off.
 */
export const SESSION_SETTINGS = {
  // Each statement sees what is committed when it begins, and waits for rows that others change. The product relies on this: at another
  // level, half of the statements that wait today would fail.
  default_transaction_isolation: 'read committed',
  // How values are written and read. The library would misread a date in another style.
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  // A warning says that a COMMIT has not reached the standby: see CommitNotReplicated.
  client_min_messages: 'notice',
} as const;
