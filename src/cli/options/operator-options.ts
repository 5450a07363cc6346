import { type Command, Option } from 'commander';
import { PAYMENT_TYPES } from '../../payments/kinds/payment-kinds.ts';
import { defaultOperator, parseName } from './parse-arguments.ts';

export interface OutputOptions {
  readonly json?: true;
}

/** `--json`, for every command that prints a result. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one line of JSON for programs');
}

/** `--by`: the operator's name, stored with the action. */
export function withOperator(command: Command): Command {
  return command.addOption(
    new Option('--by <name>', 'your name, which is recorded')
      .argParser(parseName({ most: 100 }))
      .default(defaultOperator(), 'your user name'),
  );
}

/** `--type`, of payments. */
export function paymentTypeOption(): Option {
  return new Option('--type <type>', 'only payments of this type').choices(PAYMENT_TYPES);
}

/** Examples at the end of a command's help. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [line: string, what: string])[],
): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  $ npx tollgate ${line.padEnd(width)}  ${what}`);
  return command.addHelpText('after', ['', 'Examples:', ...lines].join('\n'));
}
