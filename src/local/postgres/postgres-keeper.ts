import { existsSync, readFileSync } from 'node:fs';
import { sleep } from '../../background/sleep.ts';

/**
 * Stops the embedded Postgres when the process that started it has been killed and cannot do it itself.
 * Arguments: the number of the Postgres process, and its postmaster.pid file.
 */
const [, , pidText = '', pidFile = ''] = process.argv;

/** API and worker notice the same loss and end what they have under way first. */
const GRACE_MS = 12_000;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', async () => {
  await sleep(GRACE_MS);
  // Another stack may have stopped this Postgres meanwhile, and the number may be another process's by now.
  const isStillThere = existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[0] === pidText;
  if (isStillThere) process.kill(Number(pidText), 'SIGINT');
});
