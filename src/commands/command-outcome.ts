import type { UsedKeyOutcome } from '../idempotency/decide-replay.ts';

/** What became of a command. */
export type CommandOutcome<Result> = { readonly kind: 'decided'; readonly result: Result } | UsedKeyOutcome;

/** Nothing was written and the request may be sent again: the database is away, or too many requests wait. */
export class CommandUnavailable extends Error {
  override readonly name = 'CommandUnavailable';
  /** `wallet`: another transaction has had the wallet for long. */
  readonly reason: 'database' | 'overload' | 'wallet';
  constructor(reason: CommandUnavailable['reason'], options?: ErrorOptions) {
    super(`nothing was done: ${reason}`, options);
    this.reason = reason;
  }
}
