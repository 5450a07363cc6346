import { requireDatabaseUrl } from '../shared/config.ts';
import { runMain } from '../shared/lifecycle.ts';
import { loadConfig } from '../shared/load-config.ts';
import { migrateToLatest } from '../shared/migrate.ts';
import { connectOrExplain } from './connect-or-explain.ts';

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

runMain(async () => {
  const databaseUrl = requireDatabaseUrl(loadConfig());
  await connectOrExplain(databaseUrl, say);
  const names = await migrateToLatest(databaseUrl);
  say(names.length === 0 ? 'The database is up to date.' : `Ran ${names.join(', ')}.`);
});
