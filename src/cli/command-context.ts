import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

/** What a command needs of whoever runs it. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Runs a command's work and keeps the code that it ends with. */
  end(work: Promise<ExitCode>): Promise<void>;
}
