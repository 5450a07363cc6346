import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import { ROOT } from './monitoring-files.ts';
import { waitUntil } from './wait-until.ts';

export interface LocalStack {
  readonly api: string;
  readonly output: () => string;
  /** Runs a shell command in the stack's folder and environment. */
  run(
    command: string,
  ): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
  /** What Ctrl-C does. @returns the exit code, or the signal that ended it. */
  interrupt(): Promise<number | string | null>;
  close(): Promise<void>;
}

/**
 * Runs what `npm start` runs, in a folder of its own, and waits for its banner.
 * @param environment all that it gets beside PATH and free ports, and all that the commands in the folder get but for the ports.
 * @param prelude shell commands before it, such as `umask 077`.
 */
export async function startLocalStack(
  environment: Record<string, string> = {},
  { prelude = ':' }: { readonly prelude?: string } = {},
): Promise<LocalStack> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-local-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const [api, mock, worker] = await Promise.all([1, 2, 3].map(async () => String(await findFreePort())));
  const shared = { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, ...environment };
  const child = spawn('sh', ['-c', `${prelude}; exec node ${path.join(ROOT, 'src', 'local', 'main.ts')}`], {
    cwd: folder,
    env: { ...shared, API_PORT: api, GATEWAY_MOCK_PORT: mock, WORKER_METRICS_PORT: worker },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await waitUntil('the banner', () => output.includes('Tollgate is ready.') || hasEnded(), {
    deadlineMs: 90_000,
  });
  if (hasEnded()) throw new Error(`the stack ended: ${output}`);

  return {
    api: `http://127.0.0.1:${api}`,
    output: () => output,
    run: (command) =>
      new Promise((resolve) => {
        const shell = spawn('sh', ['-c', command], {
          cwd: folder,
          env: shared,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let said = '';
        let errors = '';
        shell.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
        shell.stderr.setEncoding('utf8').on('data', (text: string) => {
          errors += text;
        });
        shell.once('close', (code) => resolve({ code, output: said, errors }));
      }),
    async interrupt() {
      child.kill('SIGINT');
      return await ended;
    },
    async close() {
      if (!hasEnded()) child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
