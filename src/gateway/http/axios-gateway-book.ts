import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios from 'axios';
import { retry } from '../../background/retry.ts';
import { parseBookLine } from '../answers/parse-book-line.ts';
import type { GatewayTls } from '../port/gateway-access.ts';
import { type BookLine, type GatewayBook, GatewayBookError } from '../port/gateway-book.ts';

export interface AxiosGatewayBookOptions {
  /** The URL of the export, for example `http://localhost:8001/mock-gateway/book/export`. */
  readonly url: string;
  /** Sent with each request, besides those that the protocol needs. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: GatewayTls;
  /** How long reading the whole book may take. */
  readonly timeoutMs: number;
  /** How long the gateway may send nothing. */
  readonly silenceMs?: number;
  readonly maxLines: number;
  /** How often to restart a reading that broke off without a new line. */
  readonly retries?: number;
  readonly retryPauseMs?: number;
}

const MAX_LINE_CHARACTERS = 65_536;
const MAX_PAUSE_MS = 30_000;

/** The connection broke, or the gateway has a problem: what was read counts, and the rest is requested again. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * A book that is exported over HTTP as JSON lines. A reading that breaks off continues after the last whole line; it is complete only once
 * its end line has arrived.
 */
export function createAxiosGatewayBook(options: AxiosGatewayBookOptions): GatewayBook {
  const { silenceMs = 30_000, retries = 5, retryPauseMs = 500 } = options;
  const closing = new AbortController();
  const directAgents = { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent(options.tls) };

  async function open(afterLine: number, signal: AbortSignal): Promise<Readable> {
    const response = await axios
      .request<Readable>({
        url: options.url,
        params: { after: afterLine },
        responseType: 'stream',
        headers: { ...options.headers, accept: 'application/x-ndjson', 'accept-encoding': 'identity' },
        decompress: false,
        maxRedirects: 0,
        // Connect directly, as payments do; with NODE_USE_ENV_PROXY=1, Node's own agents would use HTTP_PROXY.
        proxy: false,
        ...directAgents,
        timeout: silenceMs,
        validateStatus: () => true,
        signal,
      })
      .catch((error: Error) => {
        throw new Interrupted(error.message, { cause: error });
      });
    if (response.status === 200) return response.data;
    response.data.destroy();
    const text = `the gateway answered ${response.status} when it was asked for its book`;
    throw response.status >= 500 || response.status === 429
      ? new Interrupted(text)
      : new GatewayBookError(text);
  }

  async function* readFrom(afterLine: number, signal: AbortSignal): AsyncGenerator<BookLine, 'complete'> {
    const stream = await open(afterLine, signal);
    let lastLine = afterLine;
    for await (const text of splitLines(stream, silenceMs)) {
      const parsed = parseBookLine(text, lastLine);
      if (parsed.kind === 'end') {
        if (parsed.lastLine > lastLine)
          throw new GatewayBookError(
            `the gateway's book ends at line ${parsed.lastLine}, and ${lastLine} came last`,
          );
        stream.destroy();
        return 'complete';
      }
      lastLine = parsed.line.line;
      yield parsed.line;
    }
    throw new Interrupted('the export broke off');
  }

  return {
    async *read(outer) {
      const deadline = AbortSignal.timeout(options.timeoutMs);
      const signal = AbortSignal.any([deadline, closing.signal, ...(outer ? [outer] : [])]);
      let lines = readFrom(0, signal);
      // Each line has retries of its own, so a long book may be interrupted any number of times, as long as it goes on.
      const nextLine = (afterLine: number) =>
        retry(() => lines.next(), {
          pauses: { baseMs: retryPauseMs, maxMs: MAX_PAUSE_MS },
          retries,
          signal,
          mayHelp: ({ error }) => error instanceof Interrupted,
          onFailed() {
            lines = readFrom(afterLine, signal);
          },
        });
      try {
        let next = await nextLine(0);
        for (let lineCount = 1; !next.done; lineCount += 1) {
          if (lineCount > options.maxLines)
            throw new GatewayBookError(`the gateway's book has more than ${options.maxLines} lines`);
          yield next.value;
          next = await nextLine(next.value.line);
        }
      } catch (error) {
        if (signal.aborted)
          throw new GatewayBookError("the gateway's book was not read in time", { cause: error });
        if (!(error instanceof Interrupted)) throw error;
        throw new GatewayBookError(`the gateway's book cannot be read: ${error.message}`, { cause: error });
      } finally {
        // Closes the connection of a reading that ended early.
        await lines.return('complete');
      }
    },
    close: () => closing.abort(),
  };
}

/** Splits a stream into whole lines; text after the last line break is not a line. */
async function* splitLines(stream: Readable, silenceMs: number): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  const chunks: AsyncIterator<string> = stream[Symbol.asyncIterator]();
  let rest = '';
  try {
    for (;;) {
      const chunk = await nextChunk(stream, chunks, silenceMs);
      if (chunk === undefined) return;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new GatewayBookError("a line of the gateway's book is too long");
      yield* lines.filter((line) => line !== '');
    }
  } finally {
    stream.destroy();
  }
}

async function nextChunk(
  stream: Readable,
  chunks: AsyncIterator<string>,
  silenceMs: number,
): Promise<string | undefined> {
  const silence = new Error('the gateway sent nothing for too long');
  const timer = setTimeout(() => stream.destroy(silence), silenceMs);
  try {
    const { done, value } = await chunks.next();
    return done ? undefined : value;
  } catch (error) {
    throw new Interrupted((error as Error).message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
