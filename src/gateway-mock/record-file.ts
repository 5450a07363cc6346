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
   * Reads all records, the oldest first. An incomplete last line is removed: no answer depended on it.
   * @throws StartError that names the line that is not JSON, or for which `onRecord` throws.
   */
  read(onRecord: (record: unknown) => void): void;
  /** Writes one record; when this returns, the record survives the death of the process. @throws if it cannot be written. */
  append(record: object): void;
  /** Forgets everything. */
  clear(): void;
  close(): void;
}

const PIECE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/**
 * Keeps records in an append-only file, one JSON object a line. A process that is killed loses none of them; a machine that loses power may.
 * @throws StartError if the file cannot be opened.
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
        // Half a line would make the next one unreadable.
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

/** Passes on each complete line. @returns the length of all complete lines in bytes. */
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
    throw cannotUse(place, 'it is not JSON', error);
  }
  try {
    onRecord(record);
  } catch (error) {
    throw cannotUse(place, 'it is not a record of the mock', error);
  }
}

function cannotUse(place: string, why: string, cause: unknown): StartError {
  return new StartError(
    `The gateway mock cannot use its book (${place}): ${why}. Move the file away to begin a new one.`,
    { cause },
  );
}
