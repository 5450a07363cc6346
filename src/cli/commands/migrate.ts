import { Command } from 'commander';
import { migrateToLatest } from '../../database/migrate.ts';
import { prepareRunningRole } from '../../database/sessions/running-role.ts';
import { connectOrExplain } from '../../local/connect-or-explain.ts';
import { explainEmptyStart } from '../../local/explain-empty-start.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DATA_FOLDER, loadSettings } from '../load-settings.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { findDatabase, findOwnedDatabase } from '../session.ts';

export function migrateCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('migrate')
    .description(
      'migrate the database to the newest schema; safe to run twice, or from several places at once',
    )
    .action((options: OutputOptions) => end(migrate(terminal, options)));
  return withExamples(withJson(command), [
    ['migrate', 'runs the pending migrations'],
    ['migrate --json', '{"ran":["0001_..."]}'],
  ]);
}

async function migrate(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  const config = loadSettings();
  const ownerUrl = findOwnedDatabase(config);
  await connectOrExplain(ownerUrl, terminal.complain);
  const newDatabase = findDatabase(config).isEmbedded ? explainEmptyStart(DATA_FOLDER) : undefined;
  const ran = await migrateToLatest(ownerUrl, { newDatabase });
  await prepareRunningRole({ ownerUrl, runningUrl: config.database.url ?? ownerUrl });
  const sentence = ran.length === 0 ? 'The database is up to date.' : `Ran ${ran.join(', ')}.`;
  terminal.print(json ? renderJson({ ran }) : sentence);
  return EXIT.done;
}
