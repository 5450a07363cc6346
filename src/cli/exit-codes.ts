/** What the command ends with; docs/cli.md lists them. */
export const EXIT = {
  /** Done, and nothing needs a person. */
  done: 0,
  /** It could not be done, or a check failed. */
  failed: 1,
  /** It was done, and a person has to look at what it found or left. */
  attention: 2,
  /** The command line is not understood, or a confirmation is missing. Nothing was done. */
  usage: 64,
  /** Stopped by Ctrl-C; what had begun was finished, and a redrive of many goes on in the workers. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
