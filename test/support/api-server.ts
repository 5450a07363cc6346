import { startApi } from '../../src/api/start-api.ts';
import { createLogger } from '../../src/shared/logging.ts';
import { testConfig } from './test-config.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly json: any;
}

/** The real API on a free port, talked to over HTTP. */
export async function startTestApi(databaseUrl: string, settings: Record<string, string> = {}) {
  const config = testConfig({ DATABASE_URL: databaseUrl, ...settings });
  const api = await startApi(config, createLogger(config, 'api'));
  const origin = `http://127.0.0.1:${api.port}`;
  const operatorOrigin = api.operatorPort === undefined ? origin : `http://127.0.0.1:${api.operatorPort}`;

  async function request(
    method: string,
    /** Or a whole address, for the listener of operators. */
    path: string,
    init: { body?: string; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(path.startsWith('http:') ? path : origin + path, { method, ...init });
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    } as ApiAnswer;
  }

  return {
    origin,
    operatorOrigin,
    request,
    get: (path: string) => request('GET', path),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      request('POST', path, {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async user(balance: number | string = 1000): Promise<number> {
      return (await this.post('/api/v1/users/', { balance })).json.id;
    },
    stop: () => api.stop(),
  };
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>;
