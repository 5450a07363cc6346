import { Command } from 'commander';
import { createAxiosGatewayBook } from '../../gateway/http/axios-gateway-book.ts';
import { requireLedgerServer } from '../../ledger/server/require-ledger-server.ts';
import { bookOptions } from '../../reconciliation/book-options.ts';
import { printReport, renderReportJson } from '../../reconciliation/print-report.ts';
import { runReconciliation } from '../../reconciliation/run-reconciliation.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export function reconcileCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('reconcile')
    .description(
      "compare every settled payment with the gateway's book; exits with 2 while differences are open",
    )
    .action((options: OutputOptions) => end(reconcile(terminal, options)));
  return withExamples(withJson(command), [
    ['reconcile', 'a table'],
    ['reconcile --json', 'as JSON'],
  ]);
}

async function reconcile(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ config, pool, knex }) => {
    await requireLedgerServer(pool);
    const book = createAxiosGatewayBook(bookOptions(config));
    try {
      const graceMs = config.reconciliation.graceMs;
      const result = await runReconciliation({ pool, knex, book, startedBy: 'command', graceMs });
      terminal.print((json ? renderReportJson(result) : printReport(result)).trimEnd());
      return result.status === 'clean' ? EXIT.done : EXIT.attention;
    } finally {
      book.close();
    }
  });
}
