import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const BINARY = path.resolve(import.meta.dirname, '..', '..', 'src', 'cli', 'tollgate.js');

export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the real command as a person would, in an empty folder, with nothing set but what the test gives. */
export function createTollgate(settings: Record<string, string> = {}) {
  const cwd = mkdtempSync(path.join(tmpdir(), 'tollgate-cli-'));

  function start(args: readonly string[], changes: Record<string, string> = {}) {
    const child = spawn(process.execPath, [BINARY, ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...settings, ...changes },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<CommandResult>((resolve) => {
      child.once('close', (code) => resolve({ code, output, errors }));
    });
    return { child, ended, errors: () => errors };
  }

  return {
    cwd,
    start,
    run: (args: readonly string[], changes?: Record<string, string>) => start(args, changes).ended,
    async json(args: readonly string[]) {
      const { code, output, errors } = await start([...args, '--json']).ended;
      if (!output) throw new Error(`tollgate ${args.join(' ')} said nothing but: ${errors}`);
      return { code, ...JSON.parse(output) };
    },
  };
}
