import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { choosePostgresUser } from '../../src/local/postgres/postgres-user.ts';
import { findFreePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

/** PgBouncer, where it is installed (Debian: apt-get install pgbouncer). */
export function findPgBouncer(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => path.join(folder, 'pgbouncer')).find(existsSync);
}

export interface RunningPgBouncer {
  /** The database of the address it was given, through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a real PgBouncer in front of a database.
 * @param settings lines of its section `[pgbouncer]`, beside what any needs.
 */
export async function startPgBouncer(
  databaseUrl: string,
  settings: Readonly<Record<string, string>>,
): Promise<RunningPgBouncer> {
  const program = findPgBouncer();
  if (!program) throw new Error('PgBouncer is not installed (Debian: apt-get install pgbouncer)');
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-pgbouncer-'));
  // It refuses to run as root, so another user must be able to read this.
  chmodSync(folder, 0o755);
  const target = new URL(databaseUrl);
  const port = await findFreePort();
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  };
  writeFileSync(
    path.join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=${target.hostname} port=${target.port} user=${target.username} password='${decodeURIComponent(target.password)}'
[pgbouncer]
${Object.entries(lines)
  .map(([name, value]) => `${name} = ${value}`)
  .join('\n')}
`,
  );
  const child = spawn(program, [path.join(folder, 'pgbouncer.ini')], {
    ...choosePostgresUser(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntil('a listening PgBouncer', () => {
    if (child.exitCode !== null) throw new Error(`PgBouncer: ${log}`);
    return log.includes('process up');
  });
  return {
    url: Object.assign(new URL(databaseUrl), { port: String(port) }).toString(),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
