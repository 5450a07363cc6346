import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { StartError } from '../../process/lifecycle.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..', '..');

export function benchCommand({ end }: CommandContext): Command {
  return passOn('bench', 'measure it against its peers; options as in bench/README.md', end);
}

export function proveCommand({ end }: CommandContext): Command {
  return passOn('prove', 'crash it on purpose and check its books; options as in docs/proving.md', end);
}

/** A program with options of its own: everything after its name goes to it as it stands. */
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
    throw new StartError(`There is no ${name} in this installation: run it in a checkout of the repository.`);
  const child = spawn(process.execPath, [file, ...args], { cwd: PROJECT, stdio: 'inherit' });
  // It stops what it has started before it ends, and we end after it.
  const passOnSignal = (signal: NodeJS.Signals) => child.kill(signal);
  // A Ctrl-C reaches both from the terminal already.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', passOnSignal);
  return await new Promise<ExitCode>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? EXIT.done : EXIT.failed));
  });
}
