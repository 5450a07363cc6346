import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { StartError } from '../process/lifecycle.ts';

export interface RecordFile {
  /**
   * Reads what was kept, the oldest first. A last line that was cut is taken off: nobody was answered because of it.
   * @throws StartError that names the line which is no JSON, or for which `onRecord` throws.
   */
  read(onRecord: (record: unknown) => void): void;
  /** Writes one record; it has outlived this process when this returns. @throws when the disk does not take it. */
  append(record: object): void;
  /** Forgets everything. */
  clear(): void;
  close(): void;
}

const PIECE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/**
 * Keeps records in a file, one JSON object a line, only ever added to. A killed process loses none of them; what a machine
 * loses with its power is not guarded against.
 * @throws StartError when the file cannot be opened.
 */
export function openRecordFile(file: string): RecordFile {
  const handle = open(file);
  let lengthBytes = fstatSync(handle).size;

  return {
    read(onRecord) {
      let number = 0;
      lengthBytes = readLines(handle, (line) => {
        number += 1;
        readRecord(line, onRecord, `${file}, line ${number}`);
      });
      ftruncateSync(handle, lengthBytes);
    },
    append(record) {
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      try {
        for (let done = 0; done < line.length; )
          done += writeSync(handle, line, done, line.length - done, lengthBytes + done);
      } catch (error) {
        // Half a line would spoil the next one.
        ftruncateSync(handle, lengthBytes);
        throw error;
      }
      lengthBytes += line.length;
    },
    clear() {
      ftruncateSync(handle, 0);
      lengthBytes = 0;
    },
    close() {
      closeSync(handle);
    },
  };
}

/** Hands on every whole line, and gives the number of bytes that they take together. */
function readLines(handle: number, onLine: (line: string) => void): number {
  const piece = Buffer.alloc(PIECE_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let wholeBytes = 0;
  for (let position = 0; ; ) {
    const count = readSync(handle, piece, 0, PIECE_BYTES, position);
    if (count === 0) return wholeBytes;
    position += count;
    rest = Buffer.concat([rest, piece.subarray(0, count)]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, start)) {
      onLine(rest.toString('utf8', start, end));
      start = end + 1;
    }
    wholeBytes += start;
    rest = rest.subarray(start);
  }
}

function open(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    throw cannotUse(file, (error as Error).message, error);
  }
}

function readRecord(line: string, onRecord: (record: unknown) => void, place: string): void {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (error) {
    throw cannotUse(place, 'it is no JSON', error);
  }
  try {
    onRecord(record);
  } catch (error) {
    throw cannotUse(place, 'it is not what the mock writes', error);
  }
}

function cannotUse(place: string, why: string, cause: unknown): StartError {
  return new StartError(
    `The gateway mock cannot use its book (${place}): ${why}. Move the file away to begin a new one.`,
    { cause },
  );
}
