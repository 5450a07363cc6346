import { existsSync, readFileSync } from 'node:fs';
import { sleep } from '../../background/sleep.ts';

/**
 * Stops the embedded Postgres if the process that started it is killed and cannot do so itself.
 * Arguments: the pid of the Postgres process, and its postmaster.pid file.
 */
const [, , pidText = '', pidFile = ''] = process.argv;

/** The API and the worker notice the same loss; let them finish first. */
const GRACE_MS = 12_000;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', async () => {
  await sleep(GRACE_MS);
  // Another stack may have stopped this Postgres in the meantime, and the pid may now belong to another process.
  const isStillThere = existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[0] === pidText;
  if (isStillThere) process.kill(Number(pidText), 'SIGINT');
});
