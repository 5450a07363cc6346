import type { Config } from '../process/settings/config.ts';
import { maskCredentials } from '../telemetry/mask-credentials.ts';
import { decideAddresses } from './stack-addresses.ts';

/** What a person sees once everything is running. */
export function renderBanner(
  config: Config,
  { databaseUrl, isEmbedded }: { databaseUrl: string; isEmbedded: boolean },
): string {
  const { api, operators, worker } = decideAddresses(config);
  return `
  Tollgate is ready.

    API           ${api}/api/v1          Swagger UI  ${api}/docs
    Console       ${operators}/console
    Metrics       ${operators}/metrics         Worker      ${worker}/metrics
    Gateway       ${describeGateway(config)}
    Callbacks     ${describeCallbacks(config)}
    Database      ${maskCredentials(databaseUrl)}${isEmbedded ? '\n                  embedded, in .data/postgres; the password is in .data/postgres/password' : ''}

  Try:

    curl -X POST ${api}/api/v1/users/ -H 'Content-Type: application/json' -d '{"balance": 1000}'

  npx tollgate, npm run demo and npm run reconcile find all of this from the same folder. Ctrl-C stops everything.
`;
}

function describeGateway(config: Config): string {
  const { gateway, gatewayMock, usesStandIn } = decideAddresses(config);
  const book = `${gatewayMock}/mock-gateway/book`;
  if (usesStandIn) return `the stand-in, which fails now and then on purpose; its book: ${book}`;
  const { origin, pathname } = new URL(gateway);
  return `${origin}${pathname}, from PAYMENT_GATEWAY_URL\n                  the stand-in runs as well, but gets no payments: ${book}`;
}

function describeCallbacks(config: Config): string {
  if (decideAddresses(config).usesStandIn) return 'on: the stand-in reports outcomes to the API';
  return config.gateway.callbackSecrets
    ? 'on, signed with GATEWAY_CALLBACK_SECRET'
    : 'off: set GATEWAY_CALLBACK_SECRET to accept callbacks from this gateway';
}
