/** What a statement means to somebody who wants to cut its connection at the worst moment. */
export type StatementMark = 'commit' | 'claim';

const PROTOCOL_3 = 196_608;
const HEADER_BYTES = 5;
const COMMIT = /(^|;)\s*(commit|end)\b/i;
const CLAIM = /insert into payment_attempts/i;

/**
 * Reads what a client sends to Postgres (PostgreSQL documentation, "Message Formats") and tells when a statement of interest
 * has been sent whole: a simple query at once, an extended one with the Sync behind it. Bytes may arrive in any pieces.
 */
export function createFrontendReader() {
  let rest: Buffer = Buffer.alloc(0);
  let isStarted = false;
  const statements = new Map<string, StatementMark | undefined>();
  let bound: StatementMark | undefined;

  function readMessage(type: string, body: Buffer): StatementMark | undefined {
    switch (type) {
      case 'Q':
        return markOf(readText(body, 0).text);
      case 'P': {
        const name = readText(body, 0);
        statements.set(name.text, markOf(readText(body, name.end).text));
        return undefined;
      }
      case 'B': {
        const portal = readText(body, 0);
        bound = statements.get(readText(body, portal.end).text);
        return undefined;
      }
      case 'S': {
        const mark = bound;
        bound = undefined;
        return mark;
      }
      default:
        return undefined;
    }
  }

  return {
    /** Gives the marks of the statements that are complete with this piece. */
    read(piece: Buffer): StatementMark[] {
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const marks: StatementMark[] = [];
      for (;;) {
        if (!isStarted) {
          // The first messages have no type: a request for encryption, then the start itself.
          if (rest.length < 8 || rest.length < rest.readInt32BE(0)) return marks;
          isStarted = rest.readInt32BE(4) === PROTOCOL_3;
          rest = rest.subarray(rest.readInt32BE(0));
          continue;
        }
        if (rest.length < HEADER_BYTES) return marks;
        const end = 1 + rest.readInt32BE(1);
        if (rest.length < end) return marks;
        const mark = readMessage(String.fromCharCode(rest[0] as number), rest.subarray(HEADER_BYTES, end));
        if (mark) marks.push(mark);
        rest = rest.subarray(end);
      }
    },
  };
}

function markOf(sql: string): StatementMark | undefined {
  if (COMMIT.test(sql)) return 'commit';
  return CLAIM.test(sql) ? 'claim' : undefined;
}

/** A text that ends with a zero byte, and where what follows it begins. */
function readText(body: Buffer, start: number): { readonly text: string; readonly end: number } {
  const zero = body.indexOf(0, start);
  const stop = zero === -1 ? body.length : zero;
  return { text: body.toString('utf8', start, stop), end: stop + 1 };
}
