import { connect } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** The connection ended before the first byte of an answer: the server may or may not have read the request. */
export class EndedUnanswered extends Error {
  override readonly name = 'EndedUnanswered';
}

/** One TCP connection, which carries one request at a time and is never opened again. */
export interface HttpSocket {
  /** False once either end has closed it, or the server has said something that nobody asked for. */
  isOpen(): boolean;
  /**
   * Sends a request as it stands.
   * @throws EndedUnanswered when the connection ends before the answer begins; another error when the answer breaks off, cannot
   *   be read, or does not come in time.
   */
  send(request: string): Promise<HttpAnswer>;
  close(): void;
}

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const CLOSES = /\r\nconnection: *close/i;
const REQUEST_TIMEOUT = 408;

/**
 * The least HTTP/1.1 that reads an answer correctly: the status line, Content-Length, and a body of exactly that length. The
 * load runs on the same cores as what it measures, so every microsecond of a full client would be taken from them.
 */
export async function openSocket(
  port: number,
  { answerWithinMs }: { readonly answerWithinMs: number },
): Promise<HttpSocket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let waiting:
    | { readonly resolve: (answer: HttpAnswer) => void; readonly reject: (error: Error) => void }
    | undefined;
  let received: Buffer | undefined;

  function fail(error: Error): void {
    waiting?.reject(error);
    waiting = undefined;
    socket.destroy();
  }

  /** If the answer had begun, it is lost; otherwise nobody knows whether the server has read the request. */
  function failEnded(reason = ''): void {
    fail(
      received === undefined
        ? new EndedUnanswered(`the connection was closed before the answer${reason}`)
        : new Error(`the connection was closed in the middle of the answer${reason}`),
    );
  }

  socket.on('data', (chunk) => {
    // A server that gives up an idle connection may say so (408) before it closes it.
    if (!waiting) return void socket.destroy();
    received = received ? Buffer.concat([received, chunk]) : chunk;
    const headLength = received.indexOf(HEAD_END);
    if (headLength < 0) return;
    const head = received.toString('latin1', 0, headLength);
    const length = CONTENT_LENGTH.exec(head)?.[1];
    const status = Number(head.slice(9, 12));
    const isLast = CLOSES.test(head);
    // It was written before our request was read (RFC 9110, section 15.5.9): the request may be sent again.
    if (status === REQUEST_TIMEOUT && isLast)
      return fail(new EndedUnanswered('the server had already closed the connection'));
    if (length === undefined) return fail(new Error(`an answer without Content-Length: ${head}`));
    const bodyStart = headLength + HEAD_END.length;
    const bodyEnd = bodyStart + Number(length);
    if (received.length < bodyEnd) return;
    if (received.length > bodyEnd) return fail(new Error(`more than was asked for: ${head}`));
    const answer = { status, body: received.toString('utf8', bodyStart, bodyEnd) };
    const { resolve } = waiting;
    received = undefined;
    waiting = undefined;
    resolve(answer);
    if (isLast) socket.destroy();
  });
  socket.on('error', (error) => failEnded(`: ${error.message}`));
  // The other end has sent its last byte; what is not answered by now never will be.
  socket.on('end', () => failEnded());
  socket.on('close', () => failEnded());
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setTimeout(answerWithinMs, () => fail(new Error(`no answer within ${answerWithinMs / 1000} s`)));

  return {
    isOpen: () => !socket.destroyed,
    send(request) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) failEnded();
        else socket.write(request, 'latin1');
      });
    },
    close() {
      socket.destroy();
    },
  };
}
