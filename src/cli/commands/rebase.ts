import { Command } from 'commander';
import { requireModel } from '../../database/model/require-model.ts';
import { requireOwnSessions } from '../../database/sessions/own-sessions.ts';
import { type RebaseOutcome, rebaseLedger } from '../../ledger/server/rebase-ledger.ts';
import { requireLedgerServer } from '../../ledger/server/require-ledger-server.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { recordRestore } from '../../payments/history/record-restore.ts';
import { StartError } from '../../process/lifecycle.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadSettings } from '../load-settings.ts';
import { type OutputOptions, withExamples, withJson, withOperator } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { findOwnedDatabase, withDatabase } from '../session.ts';

interface RebaseOptions extends OutputOptions {
  readonly yes?: true;
  readonly by: string;
}

/** Every entry is read once, which may take very long. */
const MAY_TAKE_MS = 86_400_000;

export function rebaseCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('rebase')
    .description(
      "after a dump was loaded into another server, or after a blue/green switch: make the ledger use that server's transaction ids; stop every API and worker first",
    )
    .option('-y, --yes', 'do not ask')
    .action((options: RebaseOptions) => end(rebase(terminal, options)));
  return withExamples(withJson(withOperator(command)), [
    ['rebase', 'says whether it is needed, then asks'],
    ['rebase --yes', 'for a script; does nothing if it is not needed'],
  ]);
}

async function rebase(terminal: Terminal, options: RebaseOptions): Promise<ExitCode> {
  const config = loadSettings();
  const databaseUrl = findOwnedDatabase(config);
  const patient = { ...config, database: { ...config.database, statementTimeoutMs: MAY_TAKE_MS } };
  return await withDatabase(patient, databaseUrl, async ({ pool }) => {
    await requireOwnSessions(databaseUrl);
    await requireModel(pool, databaseUrl);
    const need = await requireLedgerServer(pool).then(() => undefined, explainNeed);
    if (need === undefined) return tellAtHome(terminal, options);
    if (!options.yes) {
      terminal.complain(need);
      if (!terminal.isInteractive) {
        terminal.complain('Nothing was done. Add --yes to go on.');
        return EXIT.usage;
      }
      const isSure = await terminal.confirm(
        'Have you taken the old server out of use and stopped every API and worker?',
      );
      if (!isSure) {
        terminal.complain('Nothing was done.');
        return EXIT.usage;
      }
    }
    // A copy may lack payments that were accepted after it was made. This must come first, so that no rebase ever skips it.
    await recordRestore(pool);
    const outcome = await rebaseLedger(pool, { appName: config.service.name, by: options.by });
    return tellOutcome(terminal, outcome, options);
  });
}

function explainNeed(error: unknown): string {
  if (error instanceof StartError) return error.message;
  throw error;
}

function tellAtHome(terminal: Terminal, { json }: OutputOptions): ExitCode {
  terminal.print(
    json
      ? renderJson({ kind: 'same_server' })
      : 'The ledger already uses the transaction ids of this server: there is nothing to do.',
  );
  return EXIT.done;
}

function tellOutcome(terminal: Terminal, outcome: RebaseOutcome, options: RebaseOptions): ExitCode {
  if (outcome.kind === 'same_server') return tellAtHome(terminal, options);
  if (options.json) terminal.print(renderJson(outcome));
  if (outcome.kind === 'writers') {
    const names = outcome.writers.map(({ application, count }) => `${application} (${count})`).join(', ');
    terminal.complain(
      `Nothing was done, because these are connected to the database: ${names}. Stop them first.`,
    );
    return EXIT.failed;
  }
  if (options.json) return EXIT.done;
  const { identifierBefore, identifier, xidOffsetBefore, xidOffset, raisedSequences } = outcome;
  terminal.print(
    [
      `The ledger now uses the transaction ids of server ${identifier ?? '(not readable)'}; before, of server ${identifierBefore ?? '(not recorded)'}.`,
      `Its transaction ids are counted from ${xidOffset}${xidOffset === xidOffsetBefore ? ', as before' : `; before, from ${xidOffsetBefore}`}.`,
      `Entries read: ${outcome.entryCount}. Check proofs rebuilt: ${outcome.changedProofCount}. Workers of the old server removed: ${outcome.forgottenWorkerCount}.`,
      ...raisedSequences.map(
        ({ table, before, after }) => `Ids of ${table} continue after ${after}; they were at ${before}.`,
      ),
      '',
      renderTable(
        ['account', 'currency', 'folded before', 'folded now'],
        outcome.accounts.map(({ kind, currency, postedBefore, posted }) => [
          kind,
          currency,
          formatAmount(postedBefore, currency),
          formatAmount(posted, currency),
        ]),
      ),
      '',
      'You can start APIs and workers now.',
    ].join('\n'),
  );
  return EXIT.done;
}
