import type { UsedKeyOutcome } from '../idempotency/decide-replay.ts';

/** The outcome of a command. */
export type CommandOutcome<Result> = { readonly kind: 'decided'; readonly result: Result } | UsedKeyOutcome;

/** Nothing was written, and the request may be sent again: the database is unavailable, too many requests are waiting, or no money may move. */
export class CommandUnavailable extends Error {
  override readonly name = 'CommandUnavailable';
  /**
   * `wallet`: another transaction has kept the wallet, or another row that the command needs, locked for too long. `halted`: see
   * `ExecutorOptions`.
   */
  readonly reason: 'database' | 'overload' | 'wallet' | 'halted';
  constructor(reason: CommandUnavailable['reason'], options?: ErrorOptions) {
    super(`nothing was done: ${reason}`, options);
    this.reason = reason;
  }
}
