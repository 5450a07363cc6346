import { describeApi } from '../../src/api/describe/openapi.ts';
import type { ApiContext } from '../../src/api/server/api-context.ts';
import { listOperations } from '../../src/api/server/create-app.ts';
import { startApi } from '../../src/api/start-api.ts';
import type { Config } from '../../src/process/settings/config.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { createJudge } from './judge-by-description.ts';
import { testConfig } from './test-config.ts';
import { watchAnswers } from './watch-answers.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly json: any;
}

/** A machine that is busy with other tests is slow, and their process is large; nothing is turned away because of that. */
const PATIENT = {
  API_SHED_EVENT_LOOP_DELAY_SECONDS: '60',
  API_SHED_MEMORY_SHARE: '1',
  API_MAX_WAIT_SECONDS: '20',
  API_REQUEST_TIMEOUT_SECONDS: '40',
  DATABASE_CONNECT_TIMEOUT_SECONDS: '20',
  DATABASE_LIST_TIMEOUT_SECONDS: '10',
};

/**
 * The real API on a free port, talked to over HTTP. Every answer that it gives is held against the description that it serves
 * of itself, and one that does not fit fails the test, at its next request or when the API is stopped.
 */
export async function startTestApi(databaseUrl: string, settings: Record<string, string> = {}) {
  const config = testConfig({ DATABASE_URL: databaseUrl, ...PATIENT, ...settings });
  const api = await startApi(config, createLogger(config, 'api'));
  const origin = `http://127.0.0.1:${api.port}`;
  const operatorOrigin = api.operatorPort === undefined ? origin : `http://127.0.0.1:${api.operatorPort}`;

  const faults: string[] = [];
  if (api.operatorPort === undefined)
    watchAnswers(api.port, judgeOf(config, { hidesOperators: false }), faults);
  else {
    watchAnswers(api.port, judgeOf(config, { hidesOperators: true }), faults);
    watchAnswers(api.operatorPort, judgeOf(config, { hidesOperators: false }), faults);
  }
  function assertDescribed(): void {
    const found = faults.splice(0);
    if (found.length > 0) throw new Error(`Answers that are not as described:\n${found.join('\n')}`);
  }

  async function request(
    method: string,
    /** Or a whole address, for the listener of operators. */
    path: string,
    init: { body?: string; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(path.startsWith('http:') ? path : origin + path, { method, ...init });
    const text = await response.text();
    assertDescribed();
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
    async stop(): Promise<void> {
      await api.stop();
      assertDescribed();
    },
  };
}

/** What an API with these settings serves at /openapi.json, without a request that a test would have to count. */
function judgeOf(config: Config, { hidesOperators }: { readonly hidesOperators: boolean }) {
  const operations = listOperations({ config } as ApiContext);
  const shown = operations.filter(({ access }) => !(hidesOperators && access === 'operator'));
  const document = JSON.parse(JSON.stringify(describeApi(shown, { version: 'test' })));
  const hidden = operations.map(({ path }) => path).filter((path) => !(path in document.paths));
  return createJudge(document, hidden);
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>;
