import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';

/** What the operating system says about a process. */
export interface ProcessDescription {
  readonly parentPid: number;
  /** The command with its arguments, separated by spaces. Empty for a zombie. */
  readonly command: string;
  /** Its working folder, if the system reveals it. */
  readonly folder?: string;
}

/** Describes a process; undefined if there is none with that pid. */
export function describeProcess(pid: number): ProcessDescription | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return existsSync('/proc/self/stat') ? describeFromProc(pid) : describeFromPs(pid);
}

function describeFromProc(pid: number): ProcessDescription | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may itself contain parentheses, so state and parent come after the last one.
    const [, parent] = stat
      .slice(stat.lastIndexOf(')') + 1)
      .trim()
      .split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { parentPid: Number(parent), command, ...readFolder(pid) };
  } catch {
    return undefined;
  }
}

/** The system reveals this only to the owner of the process and to root. */
function readFolder(pid: number): { readonly folder?: string } {
  try {
    return { folder: readlinkSync(`/proc/${pid}/cwd`) };
  } catch {
    return {};
  }
}

/** For systems without /proc, such as macOS. */
function describeFromPs(pid: number): ProcessDescription | undefined {
  try {
    const line = execFileSync('ps', ['-ww', '-o', 'ppid=,stat=,command=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    const [, parent, state = '', command = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/m.exec(line) ?? [];
    return parent ? { parentPid: Number(parent), command: state.startsWith('Z') ? '' : command } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process is alive and is a local stack: after a reboot, its pid may belong to any other process. */
export function isLocalStack(pid: number): boolean {
  return describeProcess(pid)?.command.includes('local/main.ts') ?? false;
}
