import { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import type { Check } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import { printable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';

export function doctorCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('doctor')
    .description(
      'check settings, database, clock, migrations, vacuum and gateway; exits with 1 if a check fails',
    )
    .action((options: OutputOptions) => end(doctor(terminal, options)));
  return withExamples(withJson(command), [
    ['doctor', 'each check, with advice'],
    ['doctor --json', 'as JSON'],
  ]);
}

async function doctor(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  const checks = await examine();
  const count = (verdict: Check['verdict']) => checks.filter((check) => check.verdict === verdict).length;
  if (json) terminal.print(renderJson({ isHealthy: count('fail') === 0, checks }));
  else {
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const { name, verdict, detail, advice } of checks) {
      terminal.print(`${verdict.padEnd(4)}  ${name.padEnd(width)}  ${printable(detail)}`);
      if (advice) terminal.print(`${' '.repeat(width + 8)}-> ${advice}`);
    }
    terminal.print(`\n${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed.`);
  }
  return count('fail') > 0 ? EXIT.failed : EXIT.done;
}
