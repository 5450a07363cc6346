/** Exit codes of commands; docs/cli.md lists them. */
export const EXIT = {
  /** Done, and nothing needs a person. */
  done: 0,
  /** It could not be done, or a check failed. */
  failed: 1,
  /** It was done, and a person must look at what it found or left. */
  attention: 2,
  /** The command line is wrong, or a confirmation is missing. Nothing was done. */
  usage: 64,
  /** Stopped by Ctrl-C. The step in progress was finished, and a bulk redrive continues in the workers. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
