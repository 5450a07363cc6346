import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeDatabase } from '../database/sessions/database-address.ts';
import { isLocalStack } from './describe-process.ts';

const FILE_NAME = 'running.json';

/** What a stack that runs says of itself. Nothing in it is secret, and yet only its owner may read it. */
export interface RunningStack {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly api: string;
  readonly worker: string;
  readonly gatewayMock: string;
  /** Database and host; how to get in is known to whoever has DATABASE_URL, or may read the embedded one's password. */
  readonly database: string;
  readonly isDatabaseEmbedded: boolean;
  /** Settings with which another process finds the same places. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Notes where this stack runs, for the command line. */
export function noteRunningStack(folder: string, stack: RunningStack): void {
  const file = path.join(folder, FILE_NAME);
  mkdirSync(folder, { recursive: true });
  // Under another name until it is whole: whoever reads meanwhile sees the old one or the new one.
  const part = `${file}.${process.pid}`;
  writeFileSync(part, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  chmodSync(part, 0o600);
  renameSync(part, file);
}

/** Takes the note away, unless another stack has written its own by now. */
export function forgetRunningStack(folder: string): void {
  const file = path.join(folder, FILE_NAME);
  if (readNote(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** The stack that runs on this folder; undefined when none does, or when what it wrote cannot be read. */
export function findRunningStack(folder: string): RunningStack | undefined {
  const stack = readNote(path.join(folder, FILE_NAME));
  return stack && isLocalStack(stack.pid) ? stack : undefined;
}

/** Whether an address leads to the database that the stack works on. */
export function isDatabaseOf(stack: RunningStack, databaseUrl: string): boolean {
  return describeDatabase(databaseUrl) === stack.database;
}

function readNote(file: string): RunningStack | undefined {
  try {
    const note = JSON.parse(readFileSync(file, 'utf8'));
    return Number.isInteger(note?.pid) && typeof note.settings === 'object' && note.settings
      ? note
      : undefined;
  } catch {
    return undefined;
  }
}
