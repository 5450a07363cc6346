import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeDatabase } from '../database/sessions/database-address.ts';
import { isLocalStack } from './describe-process.ts';

const FILE_NAME = 'running.json';

/** What a running stack records about itself. None of it is secret, but still only its owner may read it. */
export interface RunningStack {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly api: string;
  readonly worker: string;
  readonly gatewayMock: string;
  /** Database and host, without credentials: those are in DATABASE_URL, or in the embedded database's password file. */
  readonly database: string;
  readonly isDatabaseEmbedded: boolean;
  /** Settings that let another process find the same addresses. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Records where this stack runs, for the command line. */
export function noteRunningStack(folder: string, stack: RunningStack): void {
  const file = path.join(folder, FILE_NAME);
  mkdirSync(folder, { recursive: true });
  // Write to another name first, so that readers see either the old file or the complete new one.
  const part = `${file}.${process.pid}`;
  writeFileSync(part, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  chmodSync(part, 0o600);
  renameSync(part, file);
}

/** Removes the record, unless another stack has written its own by now. */
export function forgetRunningStack(folder: string): void {
  const file = path.join(folder, FILE_NAME);
  if (readNote(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** The stack that runs in this folder; undefined if none does, or if its record cannot be read. */
export function findRunningStack(folder: string): RunningStack | undefined {
  const stack = readNote(path.join(folder, FILE_NAME));
  return stack && isLocalStack(stack.pid) ? stack : undefined;
}

/** Whether a URL leads to the database that the stack uses. */
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
