import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { describeDatabase } from '../database/sessions/database-address.ts';
import { type Config, parseConfig } from '../process/settings/config.ts';
import { decideAddresses } from './stack-addresses.ts';
import type { Part } from './supervisor.ts';

type PartName = 'gateway-mock' | 'api' | 'worker';

const GATEWAY_SECRETS = ['GATEWAY_AUTHORIZATION', 'GATEWAY_HEADERS', 'GATEWAY_CLIENT_KEY_PASSPHRASE'];
/** Settings that a process does not need. An empty value means "not set", and takes precedence over `.env`, which each process reads. */
const SECRETS_OF_OTHERS: Readonly<Record<PartName, readonly string[]>> = {
  'gateway-mock': [
    'DATABASE_URL',
    'MIGRATION_DATABASE_URL',
    'OPERATOR_TOKEN',
    'GATEWAYS_FILE',
    ...GATEWAY_SECRETS,
  ],
  api: ['MIGRATION_DATABASE_URL', ...GATEWAY_SECRETS],
  worker: ['MIGRATION_DATABASE_URL', 'OPERATOR_TOKEN'],
};

/** The processes of the stack, in starting order. The stand-in gateway keeps its data in `dataFolder`. */
export function listParts(
  config: Config,
  { databaseUrl, dataFolder }: { readonly databaseUrl: string; readonly dataFolder: string },
): Part[] {
  const { api, worker, gatewayMock, gateway, usesStandIn } = decideAddresses(config);
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PAYMENT_GATEWAY_URL: gateway,
    GATEWAY_MOCK_BOOK_FILE: config.gatewayMock.bookFile ?? bookFile(config, dataFolder),
    ...(usesStandIn ? { ...callbackSettings(config, api), ...standInSettings(config) } : {}),
  };
  const part = (name: PartName, readyUrl: string): Part => ({
    name,
    script: path.join(import.meta.dirname, '..', name, 'main.ts'),
    env: { ...env, ...Object.fromEntries(SECRETS_OF_OTHERS[name].map((setting) => [setting, ''])) },
    readyUrl,
  });
  return [
    part('gateway-mock', `${gatewayMock}/mock-gateway/health`),
    part('api', `${api}/api/v1/health/ready`),
    part('worker', `${worker}/health/ready`),
  ];
}

/** The mock reports outcomes to the API in callbacks, signed with a secret that only this stack knows, unless one is set. */
function callbackSettings(config: Config, api: string): Record<string, string> {
  return {
    ...(config.gateway.callbackSecrets ? {} : { GATEWAY_CALLBACK_SECRET: randomBytes(24).toString('hex') }),
    ...(config.gatewayMock.callbackUrl
      ? {}
      : { GATEWAY_MOCK_CALLBACK_URL: `${api}/api/v1/gateway/callbacks` }),
  };
}

/**
 * The mock's book belongs to the payments of one database. It is kept beside the embedded database, or in a folder named after any other
 * database, so that reconciliation never finds payments of another database.
 */
function bookFile({ database }: Config, dataFolder: string): string {
  if (!database.url) return path.resolve(dataFolder, 'gateway-mock', 'book.jsonl');
  const name = describeDatabase(database.url).replaceAll(/[^\w.-]+/g, '_');
  return path.resolve(dataFolder, 'gateway-mock', name, 'book.jsonl');
}

/**
 * Three times the longest lag that the stand-in can be configured to have. A real gateway needs longer, but people who try things out
 * should not wait that long.
 */
const STAND_IN_GRACE_SECONDS = '180';

function standInSettings(config: Config): Record<string, string> {
  const isGraceGiven = config.gateway.notFoundGraceMs !== parseConfig({}).gateway.notFoundGraceMs;
  return isGraceGiven ? {} : { GATEWAY_NOT_FOUND_GRACE_SECONDS: STAND_IN_GRACE_SECONDS };
}
