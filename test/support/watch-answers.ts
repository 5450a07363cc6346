import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Judge } from './judge-by-description.ts';

interface Started {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}
interface Watched {
  readonly judge: Judge;
  readonly faults: string[];
}

const watchedByPort = new Map<number, Watched>();
let isSubscribed = false;

/**
 * Has every answer that a server of this process gives at `port` judged, whoever asked for it and however. `faults` fills with
 * what is wrong.
 */
export function watchAnswers(port: number, judge: Judge, faults: string[]): void {
  watchedByPort.set(port, { judge, faults });
  if (isSubscribed) return;
  isSubscribed = true;
  subscribe('http.server.request.start', (message) => {
    const { request, response, server } = message as Started;
    const watched = watchedByPort.get((server.address() as AddressInfo | null)?.port ?? -1);
    if (watched) watch(watched, request, response);
  });
}

function watch({ judge, faults }: Watched, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
  };
  let given: Readonly<Record<string, unknown>> = {};
  const writeHead = response.writeHead.bind(response) as (...parameters: unknown[]) => ServerResponse;
  // Node keeps headers that come with the status to itself where none was set before.
  response.writeHead = ((...parameters: unknown[]) => {
    const headers = parameters.at(-1);
    if (typeof headers === 'object' && headers !== null)
      given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return writeHead(...parameters);
  }) as typeof response.writeHead;
  const write = response.write.bind(response) as (...parameters: unknown[]) => boolean;
  const end = response.end.bind(response) as (...parameters: unknown[]) => ServerResponse;
  // What Express hands on is what goes out: there is no compression between.
  response.write = ((...parameters: unknown[]) => {
    keep(parameters[0]);
    return write(...parameters);
  }) as typeof response.write;
  response.end = ((...parameters: unknown[]) => {
    keep(parameters[0]);
    const ended = end(...parameters);
    const answer = {
      method: request.method ?? '',
      target: request.url ?? '',
      status: response.statusCode,
      headers: { ...given, ...response.getHeaders() },
      body: request.method === 'HEAD' ? '' : Buffer.concat(chunks).toString('utf8'),
    };
    try {
      const fault = judge(answer);
      if (fault) faults.push(fault);
    } catch (error) {
      // Thrown here it would end as another answer of the API.
      faults.push(`${answer.method} ${answer.target} ${answer.status}: ${error}`);
    }
    return ended;
  }) as typeof response.end;
}
