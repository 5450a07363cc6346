import { CommanderError } from 'commander';
import { createProgram } from './create-program.ts';
import { EXIT } from './exit-codes.ts';
import { explainError } from './output/explain-error.ts';
import { createTerminal } from './output/terminal.ts';
import { UsageError } from './usage-error.ts';

// `tollgate dlq list | head`: a reader that closes the pipe is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? EXIT.done);
});

const terminal = createTerminal();
try {
  const program = createProgram(terminal, (code) => {
    process.exitCode = code;
  });
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and --version end this way too.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else {
    terminal.complain(explainError(error));
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}
