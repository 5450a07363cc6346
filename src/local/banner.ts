import type { Config } from '../shared/config.ts';
import { maskCredentials } from '../shared/logging.ts';

/** What a person sees when everything runs. */
export function renderBanner(
  config: Config,
  { databaseUrl, isEmbedded }: { databaseUrl: string; isEmbedded: boolean },
): string {
  const api = `http://localhost:${config.API_PORT}`;
  return `
  Tollgate is ready.

    API           ${api}/api/v1          Swagger UI  ${api}/docs
    Console       ${api}/console
    Metrics       ${api}/metrics         Worker      http://localhost:${config.WORKER_METRICS_PORT}/metrics
    Gateway mock  http://localhost:${config.GATEWAY_MOCK_PORT}/mock-gateway/book
    Database      ${maskCredentials(databaseUrl)}${isEmbedded ? '\n                  embedded, in .data/postgres; the password is in .data/postgres/password' : ''}

  Try:

    curl -X POST ${api}/api/v1/users/ -H 'Content-Type: application/json' -d '{"balance": 1000}'

  Ctrl-C stops everything.
`;
}
