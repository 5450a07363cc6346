import { Command } from 'commander';
import { readIntegrity } from '../../integrity/read-integrity.ts';
import { runIntegrityCheck } from '../../integrity/run-integrity-check.ts';
import { listViolations } from '../../integrity/violations.sql.ts';
import { countOf } from '../../text/plural.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

const MOST_VIOLATIONS = 100;

interface IntegrityOptions extends OutputOptions {
  readonly run?: true;
}

export function integrityCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('integrity')
    .description(
      'show the state of the ledger as of the last check; exits with 2 if it is violated or the check is behind',
    )
    .option('--run', 'run a check now, for at most INTEGRITY_RUN_SECONDS, then show the state')
    .action((options: IntegrityOptions) => end(tellIntegrity(terminal, options)));
  return withExamples(withJson(command), [
    ['integrity', 'what the last check found'],
    ['integrity --run', 'checks what is new and a part of the past'],
  ]);
}

async function tellIntegrity(terminal: Terminal, { run, json }: IntegrityOptions): Promise<ExitCode> {
  return await withSession(async ({ config, pool, knex }) => {
    const check = run
      ? await runIntegrityCheck(pool, {
          runMs: config.integrity.runMs,
          stepRows: config.integrity.stepRows,
          reviewRows: config.integrity.reviewRows,
        })
      : null;
    const report = await readIntegrity(pool, { staleAfterMs: config.integrity.staleAfterMs });
    const { items: violations } = await listViolations(knex, { state: 'open', limit: MOST_VIOLATIONS });
    if (json) {
      const run = check && { kind: check.kind, rowCount: check.rowCount, durationMs: check.durationMs };
      terminal.print(renderJson({ ...report, violations, run }));
    } else {
      if (check)
        terminal.print(
          `Check ${check.kind}: ${countOf(check.rowCount, 'row')} in ${Math.round(check.durationMs)} ms.`,
        );
      terminal.print(`The ledger is ${report.status}${report.reason ? `: ${report.reason}` : ''}.\n`);
      terminal.print(
        renderTable(
          ['invariant', 'violations', 'checked up to', 'last full review'],
          report.invariants.map((one) => [one.invariant, one.openCount, one.checkedUpTo, one.reviewedAt]),
        ),
      );
      if (violations.length > 0) {
        const rows = violations.map((one) => [one.id, one.rule, one.subject, one.foundAt, one.detail]);
        terminal.print(`\n${renderTable(['id', 'rule', 'subject', 'found', 'detail'], rows)}`);
        terminal.print('\nNo money moves while these are open. What to do: docs/runbooks.md');
      }
    }
    return report.status === 'ok' ? EXIT.done : EXIT.attention;
  });
}
