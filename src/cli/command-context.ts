import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

/** What a command needs from its caller. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Runs a command's work and records its exit code. */
  end(work: Promise<ExitCode>): Promise<void>;
}
