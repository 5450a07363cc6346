import { Command } from 'commander';
import { readVersion } from '../process/version.ts';
import type { CommandContext } from './command-context.ts';
import { benchCommand, proveCommand } from './commands/bench-and-prove.ts';
import { demoCommand } from './commands/demo.ts';
import { dlqCommand } from './commands/dlq.ts';
import { doctorCommand } from './commands/doctor.ts';
import { integrityCommand } from './commands/integrity.ts';
import { migrateCommand } from './commands/migrate.ts';
import { paymentsCommand } from './commands/payments.ts';
import { rebaseCommand } from './commands/rebase.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { restoredCommand } from './commands/restored.ts';
import { usersCommand } from './commands/users.ts';
import type { ExitCode } from './exit-codes.ts';
import { withExamples } from './options/operator-options.ts';
import type { Terminal } from './output/terminal.ts';

/** All commands. Those that cannot be understood throw a CommanderError after they have said why. */
export function createProgram(terminal: Terminal, setExitCode: (code: ExitCode) => void): Command {
  const context: CommandContext = {
    terminal,
    async end(work) {
      setExitCode(await work);
    },
  };
  const program = new Command('tollgate')
    .description(
      'Operates Tollgate: over DATABASE_URL, or the database that npm start runs in this folder.\nSettings come from the environment and .env.',
    )
    .version(readVersion(), '-V, --version', 'the version')
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [command]', 'help for a command')
    .enablePositionalOptions();
  for (const make of [
    migrateCommand,
    doctorCommand,
    dlqCommand,
    paymentsCommand,
    usersCommand,
    integrityCommand,
    reconcileCommand,
    rebaseCommand,
    restoredCommand,
    demoCommand,
    benchCommand,
    proveCommand,
  ])
    program.addCommand(make(context));
  withExamples(program, [
    ['doctor', 'is everything as it should be?'],
    ['payments show 42', 'where is my money?'],
    ['dlq redrive --reason attempts_exhausted', 'the gateway is back'],
    ['help dlq', 'what can be done about dead letters'],
  ]).addHelpText(
    'after',
    '\nEnds with 0 when all is well, 1 when it failed, 2 when a person has to look, 64 when the command line is wrong.',
  );
  throwInsteadOfExit(program);
  refuseRepeats(program);
  return program;
}

/** Connections are closed and exit codes are ours only when nothing ends the process in between. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

/** Of an option that is given twice, commander takes the last and drops the first without a word: a limit, or who was meant. */
function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (option.isBoolean() || option.variadic) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' was given more than once`);
      isGiven = true;
    });
  }
  for (const child of command.commands) refuseRepeats(child);
}
