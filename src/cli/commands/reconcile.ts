import { Command } from 'commander';
import { createAxiosGatewayBook } from '../../gateway/http/axios-gateway-book.ts';
import { type NamedGateway, ofGatewaySettings, readGateways } from '../../gateway/port/gateways.ts';
import { requireLedgerServer } from '../../ledger/server/require-ledger-server.ts';
import { bookOptions } from '../../reconciliation/book-options.ts';
import { printReport, renderReportJson } from '../../reconciliation/print-report.ts';
import { runReconciliation } from '../../reconciliation/run-reconciliation.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Session, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export function reconcileCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('reconcile')
    .description(
      "compare every settled payment with the gateway's book; exits with 2 while differences are open",
    )
    .option('--gateway <name>', 'only the book of this gateway; the one without a name is called default')
    .action((options: ReconcileOptions) => end(reconcile(terminal, options)));
  return withExamples(withJson(command), [
    ['reconcile', 'a table'],
    ['reconcile --json', 'as JSON, one line for each gateway'],
    ['reconcile --gateway eu_bank', 'only one book of several'],
  ]);
}

interface ReconcileOptions extends OutputOptions {
  readonly gateway?: string;
}

/** Compares the books one after another; the first that cannot be read ends the command. */
async function reconcile(terminal: Terminal, { json, gateway: only }: ReconcileOptions): Promise<ExitCode> {
  return await withSession(async (session) => {
    const gateways = readGateways(session.config);
    const chosen = only === undefined ? gateways : gateways.filter(({ name }) => name === only);
    if (chosen.length === 0)
      throw new UsageError(
        `There is no gateway ${only}; there is ${gateways.map(({ name }) => name).join(', ')}.`,
      );
    await requireLedgerServer(session.pool);
    let isClean = true;
    for (const gateway of chosen) {
      const result = await reconcileWith(gateway, session);
      terminal.print((json ? renderReportJson(result) : printReport(result)).trimEnd());
      isClean &&= result.status === 'clean';
    }
    return isClean ? EXIT.done : EXIT.attention;
  });
}

async function reconcileWith(gateway: NamedGateway, { config, pool, knex }: Session) {
  const book = createAxiosGatewayBook(ofGatewaySettings(gateway, bookOptions));
  try {
    const { graceMs } = config.reconciliation;
    return await runReconciliation({
      ...{ pool, knex, book, graceMs },
      gateway: gateway.name,
      startedBy: 'command',
    });
  } finally {
    book.close();
  }
}
