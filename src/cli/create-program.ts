import { Command } from 'commander';
import { readVersion } from '../process/version.ts';
import type { CommandContext } from './command-context.ts';
import { benchCommand, proveCommand } from './commands/bench-and-prove.ts';
import { conversionsCommand, quotesCommand } from './commands/conversions.ts';
import { demoCommand } from './commands/demo.ts';
import { dlqCommand } from './commands/dlq.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { feesCommand } from './commands/fees.ts';
import { holdsCommand } from './commands/holds.ts';
import { integrityCommand } from './commands/integrity.ts';
import { migrateCommand } from './commands/migrate.ts';
import { paymentsCommand } from './commands/payments.ts';
import { ratesCommand } from './commands/rates.ts';
import { rebaseCommand } from './commands/rebase.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { restoredCommand } from './commands/restored.ts';
import { usersCommand } from './commands/users.ts';
import { walletsCommand } from './commands/wallets.ts';
import type { ExitCode } from './exit-codes.ts';
import { withExamples } from './options/operator-options.ts';
import type { Terminal } from './output/terminal.ts';

/** All commands. A command line that cannot be parsed throws a CommanderError after printing why. */
export function createProgram(terminal: Terminal, setExitCode: (code: ExitCode) => void): Command {
  const context: CommandContext = {
    terminal,
    async end(work) {
      setExitCode(await work);
    },
  };
  const program = new Command('tollgate')
    .description(
      'Operates Tollgate through DATABASE_URL, or through the database that npm start runs in this folder.\nSettings come from the environment and .env.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show help for a command')
    .enablePositionalOptions();
  for (const make of [
    migrateCommand,
    doctorCommand,
    dlqCommand,
    paymentsCommand,
    usersCommand,
    walletsCommand,
    feesCommand,
    holdsCommand,
    ratesCommand,
    quotesCommand,
    conversionsCommand,
    eventsCommand,
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
    ['help dlq', 'what you can do about dead letters'],
  ]).addHelpText(
    'after',
    '\nExit codes: 0 if all is well, 1 if it failed, 2 if a person must look, 64 if the command line is wrong.',
  );
  throwInsteadOfExit(program);
  refuseRepeats(program);
  return program;
}

/** Never let commander end the process: we must close connections and choose the exit code. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

/** If an option is given twice, commander silently takes the last value. That could drop a limit or a name, so refuse it. */
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
