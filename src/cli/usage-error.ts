/** The command line asks for what does not go together; nothing was done. The message is one sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
