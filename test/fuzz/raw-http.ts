import { connect } from 'node:net';

/** A request as it is written to the wire; nothing in between mends it. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** How the end of the body is announced; `none` sends it without saying so. */
  readonly framing: 'length' | 'chunked' | 'none';
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Everything that came. */
  readonly text: string;
}

export function encodeRequest({ method, target, headers, body, framing }: RawRequest): Buffer {
  const framingHeader =
    framing === 'length' && (body.length > 0 || method === 'POST')
      ? `Content-Length: ${body.length}\r\n`
      : framing === 'chunked'
        ? 'Transfer-Encoding: chunked\r\n'
        : '';
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${framingHeader}${lines}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), framing === 'chunked' ? encodeChunks(body) : body]);
}

function encodeChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += 1000) {
    const chunk = body.subarray(at, at + 1000);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Sends bytes on a connection of their own and gives all that comes back, until the server ends it or says no more. */
export function exchange(
  port: number,
  bytes: Buffer,
  { quietMs }: { readonly quietMs: number },
): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const finish = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    socket.setTimeout(quietMs, finish);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', finish);
    socket.write(bytes);
  });
}

/** Reads one answer; undefined when it is none. Interim answers (1xx) are skipped. */
export function decodeAnswer(text: string): RawAnswer | undefined {
  const match = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(text);
  if (!match) return undefined;
  const [, status = '', head = '', rest = ''] = match;
  if (status.startsWith('1')) return decodeAnswer(text.slice(text.indexOf('\r\n\r\n') + 4));
  const headers = new Map(
    head.split('\r\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = headers.get('content-length');
  const body = length === undefined ? rest : Buffer.from(rest).subarray(0, Number(length)).toString('utf8');
  return { status: Number(status), headers, body, text };
}
