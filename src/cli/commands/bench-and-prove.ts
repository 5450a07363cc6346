import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { StartError } from '../../process/lifecycle.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..', '..');

export function benchCommand({ end }: CommandContext): Command {
  return passOn('bench', 'measure Tollgate against other designs; options as in bench/README.md', end);
}

export function proveCommand({ end }: CommandContext): Command {
  return passOn('prove', 'crash Tollgate on purpose and check its books; options as in docs/proving.md', end);
}

/** A program with its own options: all arguments after its name are passed on unchanged. */
function passOn(name: string, description: string, end: CommandContext['end']): Command {
  return new Command(name)
    .description(description)
    .argument('[options...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: readonly string[]) => end(runProgram(name, args)));
}

async function runProgram(name: string, args: readonly string[]): Promise<ExitCode> {
  const file = path.join(PROJECT, name, 'main.ts');
  if (!existsSync(file))
    throw new StartError(
      `This installation does not include ${name}: run it in a checkout of the repository.`,
    );
  const child = spawn(process.execPath, [file, ...args], { cwd: PROJECT, stdio: 'inherit' });
  // The program first stops the processes that it started, so wait for it.
  const passOnSignal = (signal: NodeJS.Signals) => child.kill(signal);
  // The terminal sends Ctrl-C to both processes already.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', passOnSignal);
  return await new Promise<ExitCode>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? EXIT.done : EXIT.failed));
  });
}
