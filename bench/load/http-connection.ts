import { connect } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** One connection that is kept alive and carries one request at a time. */
export interface HttpConnection {
  /** Sends a request as it stands. @throws when the connection breaks or the answer cannot be read. */
  send(request: string): Promise<HttpAnswer>;
  close(): void;
}

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const CLOSES = /\r\nconnection: *close/i;

/**
 * The least HTTP/1.1 that reads an answer correctly: the status line, Content-Length, and a body of exactly that length. The
 * load runs on the same cores as what it measures, so every microsecond of a full client would be taken from them.
 */
export async function openConnection(port: number): Promise<HttpConnection> {
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

  socket.on('data', (chunk) => {
    received = received ? Buffer.concat([received, chunk]) : chunk;
    const headLength = received.indexOf(HEAD_END);
    if (headLength < 0) return;
    const head = received.toString('latin1', 0, headLength);
    const length = CONTENT_LENGTH.exec(head)?.[1];
    if (length === undefined) return fail(new Error(`an answer without Content-Length: ${head}`));
    const bodyStart = headLength + HEAD_END.length;
    const bodyEnd = bodyStart + Number(length);
    if (received.length < bodyEnd) return;
    if (received.length > bodyEnd || !waiting) return fail(new Error(`more than was asked for: ${head}`));
    const answer = { status: Number(head.slice(9, 12)), body: received.toString('utf8', bodyStart, bodyEnd) };
    const { resolve } = waiting;
    received = undefined;
    waiting = undefined;
    resolve(answer);
    if (CLOSES.test(head)) fail(new Error('the server ends the connection'));
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });

  return {
    send(request) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) fail(new Error('the connection is closed'));
        else socket.write(request, 'latin1');
      });
    },
    close() {
      socket.destroy();
    },
  };
}
