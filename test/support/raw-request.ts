import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: { readonly code?: string };
}

/** A request with headers that fetch would not send; several of one name, too. */
export function rawRequest(
  origin: string,
  { method = 'GET', path = '/api/v1/health/live', headers = [] as string[], body = '' } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(origin);
    const outgoing = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, setHost: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: text.startsWith('{') ? JSON.parse(text) : {},
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
