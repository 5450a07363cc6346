import { requireDatabaseUrl } from '../shared/config.ts';
import { runMain } from '../shared/lifecycle.ts';
import { loadConfig } from '../shared/load-config.ts';
import { migrateToLatest } from '../shared/migrate.ts';
import { prepareRunningRole } from '../shared/running-role.ts';
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
