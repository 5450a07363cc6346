/** The codes of the notice with which the server ends its wait for a synchronous standby: `warning`, or `admin_shutdown`. */
const CODES = new Set(['01000', '57P01']);

/** A server notice, reduced to the fields that `lc_messages` does not translate. */
export interface ServerNotice {
  readonly code?: string | undefined;
  /** The function and the source file in the server that raise it. */
  readonly routine?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * Whether a notice says that the server has stopped waiting for its synchronous standby: `SyncRepWaitForLSN` in `syncrep.c`, in every
 * version. A trigger may raise a warning with the same code, but from `pl_exec.c`, about something else. Text and severity are in the
 * server's language, so they are of no use. If a server does not say where its warning comes from, assume the worst: it may be this one.
 */
export function isStandbyWarning({ code = '', routine, file }: ServerNotice): boolean {
  if (!CODES.has(code)) return false;
  if (!routine && !file) return true;
  return /syncrep/i.test(`${routine} ${file}`);
}
