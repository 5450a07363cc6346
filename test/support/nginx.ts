import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

/** nginx, where it is installed (Debian: apt-get install nginx-light). */
export function findNginx(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => path.join(folder, 'nginx')).find(existsSync);
}

export interface RunningNginx {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts a real nginx.
 * @param write gives what stands in its http block, for the port to listen on and a folder of its own.
 */
export async function startNginx(
  write: (place: { readonly port: number; readonly folder: string }) => string,
): Promise<RunningNginx> {
  const program = findNginx();
  if (!program) throw new Error('nginx is not installed (Debian: apt-get install nginx-light)');
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-nginx-'));
  mkdirSync(path.join(folder, 'temp'));
  const port = await findFreePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/temp/${name};`)
    .join('\n');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    path.join(folder, 'nginx.conf'),
    `${user} daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 512; }
http { access_log off; ${temporary}
${write({ port, folder })}
}`,
  );
  const child = spawn(program, ['-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntil('a listening nginx', () => {
    if (child.exitCode !== null) throw new Error(`nginx: ${readFileSync(`${folder}/error.log`, 'utf8')}`);
    return existsSync(`${folder}/nginx.pid`);
  });
  return { port, stop: () => stopNginx(child, ended, folder) };
}

async function stopNginx(child: ChildProcess, ended: Promise<void>, folder: string): Promise<void> {
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
