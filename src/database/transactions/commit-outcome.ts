/** A transaction was sent for commit, and it is not known whether it was committed or will last. */
export class CommitOutcomeUnknown extends Error {
  override readonly name: string = 'CommitOutcomeUnknown';
}

/**
 * The server has committed but stopped waiting for its synchronous standby, which may not have the commit: what was written is visible now,
 * but lost if the standby takes over.
 */
export class CommitNotReplicated extends CommitOutcomeUnknown {
  override readonly name = 'CommitNotReplicated';
  constructor() {
    super('the commit was not acknowledged by the synchronous standby');
  }
}
