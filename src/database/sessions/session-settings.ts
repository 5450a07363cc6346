/**
 * What every session of ours begins with, whatever the server, the database or the role has as its default. Left alone, on purpose,
 * are `search_path` and `TimeZone`, which change nothing that we read, and `default_transaction_read_only`, which is how a server is
 * fenced off.
 */
export const SESSION_SETTINGS = {
  // Each statement sees what is committed when it begins, and waits for rows that others change: what the product is built on. Under
  // another default half of what waits today would fail.
  default_transaction_isolation: 'read committed',
  // How values are written and read. A date in another style is another date to the library.
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  // That a COMMIT has not reached the standby is said in a warning: see CommitNotReplicated.
  client_min_messages: 'notice',
} as const;
