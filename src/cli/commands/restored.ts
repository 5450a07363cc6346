import { Command } from 'commander';
import { noteRestored } from '../../payments/history/note-restored.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export function restoredCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('restored')
    .description(
      'after an earlier state of the database was put back: payments that wait may have been carried out since, and are asked about before they are sent',
    )
    .action((options: OutputOptions) => end(restored(terminal, options)));
  return withExamples(withJson(command), [
    ['restored', 'before APIs and workers are started; harmless where nothing was put back'],
  ]);
}

async function restored(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ pool }) => {
    const noted = await noteRestored(pool);
    terminal.print(
      json
        ? renderJson(noted)
        : [
            `Noted. ${noted.waitingCount} payments wait, and the gateway is asked about each before it is sent.`,
            'What was accepted after the state that was put back is unknown here. Find what the gateway carried out of it: npx tollgate reconcile',
          ].join('\n'),
    );
    return EXIT.done;
  });
}
