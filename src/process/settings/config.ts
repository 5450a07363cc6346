import { z } from 'zod';
import { apiSettings, operatorSettings } from './api-settings.ts';
import { integritySettings, reconciliationSettings } from './checking-settings.ts';
import { conversionSettings } from './conversion-settings.ts';
import { databaseSettings } from './database-settings.ts';
import { eventSettings } from './event-settings.ts';
import { gatewayMockSettings } from './gateway-mock-settings.ts';
import { gatewaySettings, gatewaysSettings } from './gateway-settings.ts';
import { findInvisible } from './invisible-characters.ts';
import { idempotencySettings, paymentSettings } from './payment-settings.ts';
import { retentionSettings } from './retention-settings.ts';
import { serviceSettings } from './service-settings.ts';
import type { Setting, SettingGroup } from './setting.ts';
import { walletSettings } from './wallet-settings.ts';
import { metricsSettings, workerSettings } from './worker-settings.ts';

const GROUPS = {
  service: serviceSettings,
  database: databaseSettings,
  api: apiSettings,
  operators: operatorSettings,
  payments: paymentSettings,
  idempotency: idempotencySettings,
  wallets: walletSettings,
  conversions: conversionSettings,
  events: eventSettings,
  gateway: gatewaySettings,
  gateways: gatewaysSettings,
  reconciliation: reconciliationSettings,
  retention: retentionSettings,
  worker: workerSettings,
  metrics: metricsSettings,
  integrity: integritySettings,
  gatewayMock: gatewayMockSettings,
};

type ValuesOf<Group extends SettingGroup> = {
  readonly [Field in keyof Group]: z.infer<Group[Field]['schema']>;
};

/**
 * Every setting, validated, grouped by the part that reads it, in the unit that its name here ends with: people write
 * `WORKER_PROCESSING_TIMEOUT_SECONDS=30`, and code reads 30,000 from `config.worker.leaseMs`.
 */
export type Config = { readonly [Name in keyof typeof GROUPS]: ValuesOf<(typeof GROUPS)[Name]> };

/** Where each environment setting is found in code. */
export const SETTING_PLACES: readonly (Setting & { readonly group: string; readonly field: string })[] =
  Object.entries(GROUPS).flatMap(([group, settings]) =>
    Object.entries<Setting>(settings).map(([field, setting]) => ({ ...setting, group, field })),
  );

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = SETTING_PLACES.map(({ name }) => name);

const environmentSchema = z.object(
  Object.fromEntries(SETTING_PLACES.map(({ name, schema }) => [name, schema])),
);

/** Settings are not valid; the message names each one and what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface SettingProblem {
  readonly name: string;
  readonly problem: string;
}

/**
 * Validates settings given as text. An empty value counts as not set, so that `DATABASE_URL=` in a file means "use the default". A value of
 * only spaces is not empty: it is refused.
 * @param placeOf says where a setting was given, for example ` (line 3 of .env)`.
 * @throws ConfigError naming every setting that is not valid.
 */
export function parseConfig(
  environment: Record<string, string | undefined>,
  placeOf: (name: string) => string = () => '',
): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => SETTING_NAMES.includes(name) && value !== undefined && value !== '',
    ),
  );
  const problems: SettingProblem[] = Object.entries(given).flatMap(([name, value = '']) => {
    const problem = findInvisible(value);
    return problem ? [{ name, problem }] : [];
  });
  const result = environmentSchema.safeParse(given);
  if (result.success) {
    const config = inGroups(result.data);
    problems.push(...findContradictions(config));
    if (problems.length === 0) return config;
  }
  // One sentence for each setting: a value with a space at its end, for example, is also not a number.
  for (const { path, message } of result.error?.issues ?? []) {
    const name = path.join('.');
    if (!problems.some((known) => known.name === name)) problems.push({ name, problem: message });
  }
  // Never print the value itself: DATABASE_URL contains a password.
  const sentences = problems.map(({ name, problem }) => `${name}${placeOf(name)}: ${problem}`);
  throw new ConfigError(`Settings are not valid: ${sentences.join('; ')}`);
}

/** The one place where an environment name becomes a name in code. */
function inGroups(values: Readonly<Record<string, unknown>>): Config {
  return Object.fromEntries(
    Object.entries(GROUPS).map(([group, settings]) => [
      group,
      Object.fromEntries(Object.entries<Setting>(settings).map(([field, { name }]) => [field, values[name]])),
    ]),
  ) as Config;
}

/** Settings that are each valid alone, but not in combination. */
function findContradictions({ service, api, operators, conversions }: Config): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (service.environment === 'production' && service.failpoints.length > 0)
    problems.push({
      name: 'FAILPOINTS',
      problem: 'must be empty when APP_ENV is production: failpoints crash the process',
    });
  if (api.port !== 0 && api.port === operators.port)
    problems.push({
      name: 'OPERATOR_PORT',
      problem: 'must differ from API_PORT: it is a separate listener',
    });
  const { ratesSource, ratesFile, ratesUrl } = conversions;
  if (ratesSource === 'file' && ratesFile === undefined)
    problems.push({ name: 'RATES_FILE', problem: 'must be set when RATES_SOURCE is file' });
  if (ratesSource === 'http' && ratesUrl === undefined)
    problems.push({ name: 'RATES_URL', problem: 'must be set when RATES_SOURCE is http' });
  return problems;
}

/**
 * The database URL, for a process that cannot run without one.
 * @throws ConfigError if it is not set.
 */
export function requireDatabaseUrl({ database }: Config): string {
  if (database.url) return database.url;
  throw new ConfigError(
    'DATABASE_URL is not set. Set it, or run everything on an embedded Postgres with: npm start',
  );
}

/**
 * Checks the settings that an API must not start without. Other processes do not need the token and should not get it. The API cannot tell
 * a proxy on the same machine from a person there, so in production it trusts nobody because of where they are.
 * @throws ConfigError if the token is missing.
 */
export function requireOperatorToken({ service, operators }: Config): void {
  if (service.environment !== 'production' || operators.token !== undefined) return;
  throw new ConfigError(
    'OPERATOR_TOKEN must be set if APP_ENV is production, even on 127.0.0.1: behind a proxy on this machine everybody would be an operator. Create one with, for example: openssl rand -hex 24',
  );
}
