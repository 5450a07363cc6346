import { createInterface } from 'node:readline/promises';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';

/** Where a command reads and writes. Results go to stdout; questions, progress and errors to stderr. */
export interface Terminal {
  print(text: string): void;
  complain(text: string): void;
  /** Whether a person is there to answer. */
  readonly isInteractive: boolean;
  /** Anything but `y` or `yes` counts as no. */
  confirm(question: string): Promise<boolean>;
  progress(label: string, total: number): ProgressBar;
}

export function createTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    print(text) {
      stdout.write(`${text}\n`);
    },
    complain(text) {
      stderr.write(`${text}\n`);
    },
    async confirm(question) {
      const reader = createInterface({ input: stdin, output: stderr });
      try {
        return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
      } finally {
        reader.close();
      }
    },
    progress: (label, total) => createProgressBar(stderr, { label, total }),
  };
}
