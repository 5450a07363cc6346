import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The memory of a process that is in RAM, in MB (10^6 bytes). @throws when there is no such process. */
export function readResidentSizeMb(pid: number): number {
  const file = `/proc/${pid}/status`;
  const kibibytes = existsSync(file)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]
    : // For systems without /proc, such as macOS.
      execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  if (!kibibytes) throw new Error(`the size of process ${pid} cannot be read`);
  return (Number(kibibytes) * 1024) / 1e6;
}
