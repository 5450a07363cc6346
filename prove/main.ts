import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runMain } from '../src/process/lifecycle.ts';
import { readOptions } from './plan/options.ts';
import { runProof } from './run-proof.ts';

/** Everything is killed by its id when it does not stop; this is for what could still hang. */
const STOP_DEADLINE_MS = 60_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

runMain(async () => {
  const options = readOptions(process.argv.slice(2));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted.abort();
      setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    });
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-prove-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  say(`seed ${options.seed}, ${options.minutes} minutes, ${options.paymentCount} payments, in ${folder}`);

  let isProved = false;
  try {
    const verdict = await runProof({ ...options, folder, say, signal: interrupted.signal });
    isProved = verdict.kind === 'proved';
  } catch (error) {
    say(interrupted.signal.aborted ? 'Interrupted.' : `NOT PROVED: ${(error as Error).stack}`);
  } finally {
    if (isProved || !options.keepsFolder) rmSync(folder, { recursive: true, force: true });
    else say(`The data and the logs are kept in ${folder}`);
  }
  process.exit(isProved ? 0 : 1);
});
