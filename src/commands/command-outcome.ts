import type { UsedKeyOutcome } from '../idempotency/decide-replay.ts';

/** The outcome of a command. */
export type CommandOutcome<Result> = { readonly kind: 'decided'; readonly result: Result } | UsedKeyOutcome;

/** Nothing was written, and the request may be sent again: the database is unavailable, or too many requests are waiting. */
export class CommandUnavailable extends Error {
  override readonly name = 'CommandUnavailable';
  /** `wallet`: another transaction has kept the wallet, or another row that the command needs, locked for too long. */
  readonly reason: 'database' | 'overload' | 'wallet';
  constructor(reason: CommandUnavailable['reason'], options?: ErrorOptions) {
    super(`nothing was done: ${reason}`, options);
    this.reason = reason;
  }
}
