import { Command } from 'commander';
import { recordRestore } from '../../payments/history/record-restore.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export function restoredCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('restored')
    .description(
      'after an earlier state of the database was restored: make workers ask the gateway about each waiting payment before they send it, because it may have been carried out already',
    )
    .action((options: OutputOptions) => end(restored(terminal, options)));
  return withExamples(withJson(command), [
    ['restored', 'run before you start APIs and workers; harmless if nothing was restored'],
  ]);
}

async function restored(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ pool }) => {
    const noted = await recordRestore(pool);
    terminal.print(
      json
        ? renderJson(noted)
        : [
            `Recorded. ${noted.waitingCount} payments are waiting; workers will ask the gateway about each before they send it.`,
            'Payments accepted after the restored state are missing here. Find those that the gateway carried out: npx tollgate reconcile',
          ].join('\n'),
    );
    return EXIT.done;
  });
}
