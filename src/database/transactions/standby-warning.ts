/** The codes of what the server says when it ends its wait for a synchronous standby: `warning`, or `admin_shutdown`. */
const CODES = new Set(['01000', '57P01']);

/** What a server says beside its answers, in the fields that no `lc_messages` translates. */
export interface ServerNotice {
  readonly code?: string | undefined;
  /** The function and the file of the server that say it. */
  readonly routine?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * Whether a notice says that the server no longer waits for its synchronous standby: `SyncRepWaitForLSN` in `syncrep.c`, in every
 * version. A trigger may raise a warning of the same code, which comes from `pl_exec.c` and is about something else. Text and
 * severity are in the server's language and say nothing here.
 * A server that does not tell where its warning comes from is taken at the worst: it may be this one.
 */
export function isStandbyWarning({ code = '', routine, file }: ServerNotice): boolean {
  if (!CODES.has(code)) return false;
  if (!routine && !file) return true;
  return /syncrep/i.test(`${routine} ${file}`);
}
