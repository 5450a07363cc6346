/** The command line combines options that do not go together; nothing was done. The message is one sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
