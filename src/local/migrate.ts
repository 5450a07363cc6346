import { migrateToLatest } from '../database/migrate.ts';
import { prepareRunningRole } from '../database/sessions/running-role.ts';
import { runMain } from '../process/lifecycle.ts';
import { requireDatabaseUrl } from '../process/settings/config.ts';
import { loadConfig } from '../process/settings/load-config.ts';
import { connectOrExplain } from './connect-or-explain.ts';

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

runMain(async () => {
  const config = loadConfig();
  const runningUrl = requireDatabaseUrl(config);
  const ownerUrl = config.database.migrationUrl ?? runningUrl;
  await connectOrExplain(ownerUrl, say);
  const names = await migrateToLatest(ownerUrl);
  await prepareRunningRole({ ownerUrl, runningUrl });
  say(names.length === 0 ? 'The database is up to date.' : `Ran ${names.join(', ')}.`);
});
