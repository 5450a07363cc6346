/** Something was sent to be committed, and it is not known whether it is, or will stay. */
export class CommitOutcomeUnknown extends Error {
  override readonly name: string = 'CommitOutcomeUnknown';
}

/**
 * The server has committed and no longer waits for its synchronous standby, which may not have it: what was written can be
 * read now, and is gone should the standby take over.
 */
export class CommitNotReplicated extends CommitOutcomeUnknown {
  override readonly name = 'CommitNotReplicated';
  constructor() {
    super('the commit was not acknowledged by the synchronous standby');
  }
}
