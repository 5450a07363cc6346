import { readFileSync } from 'node:fs';
import { forgetPostgresVariables } from '../../database/sessions/postgres-variables.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { type Config, ConfigError, parseConfig, SETTING_NAMES } from './config.ts';
import { type EnvFile, parseEnvFile } from './env-file.ts';

const FILE = '.env';
/** Names that docker-compose.yml reads from the same file. */
export const COMPOSE_NAMES: readonly string[] = [
  'POSTGRES_PASSWORD',
  'TOLLGATE_PASSWORD',
  'GRAFANA_PASSWORD',
];
const COMPOSE_OWN = /^COMPOSE_/;

export interface LoadOptions {
  /** Receives warnings about what is no error, but probably not intended; by default printed to stderr. */
  readonly onNotice?: (sentence: string) => void;
  /** Settings known from elsewhere: they take precedence over the file and the defaults, and the environment takes precedence over them. */
  readonly known?: Readonly<Record<string, string>>;
}

/**
 * Reads `.env`, if present, and the environment, which takes precedence. This is the only place that reads settings from `process.env`. It
 * also removes libpq variables that must not reach a connection.
 * @throws ConfigError naming every line of the file that cannot be parsed, or every setting that is not valid.
 */
export function loadConfig({ onNotice = tellPerson, known = {} }: LoadOptions = {}): Config {
  const file = readEnvFile();
  if (file && file.problems.length > 0)
    throw new ConfigError(`${FILE} cannot be parsed: ${file.problems.join('; ')}`);
  for (const sentence of listNotices(process.env, file)) onNotice(sentence);
  const environment = { ...Object.fromEntries(file?.values ?? []), ...known, ...process.env };
  const config = parseConfig(environment, (name) => {
    const line =
      process.env[name] === undefined && known[name] === undefined ? file?.lines.get(name) : undefined;
    return line === undefined ? '' : ` (line ${line} of ${FILE})`;
  });
  forgetPostgresVariables(process.env, { isOwnServer: config.database.url === undefined });
  return config;
}

function readEnvFile(): EnvFile | undefined {
  try {
    return parseEnvFile(readFileSync(FILE), SETTING_NAMES);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'EISDIR' ? 'is a folder, but must be a file' : `cannot be read (${code})`;
    throw new ConfigError(`${FILE} ${why}.`, { cause: error });
  }
}

function listNotices(environment: NodeJS.ProcessEnv, file: EnvFile | undefined): string[] {
  const inFile = (file?.unknown ?? [])
    .filter(({ name }) => !COMPOSE_NAMES.includes(name) && !COMPOSE_OWN.test(name))
    .map(({ name, line }) => `${FILE}, line ${line}: ${name} is not a Tollgate setting and is ignored.`);
  // The environment is full of other programs' variables, so warn only about names that look like a typo.
  const inEnvironment = Object.keys(environment).flatMap((name) => {
    if (SETTING_NAMES.includes(name)) return [];
    const meant = nearestName(name, SETTING_NAMES);
    return meant ? [`There is no setting ${name}. Did you mean ${meant}?`] : [];
  });
  return [...inFile, ...inEnvironment];
}

function tellPerson(sentence: string): void {
  // The parts of a local stack share its environment, and the stack has already printed the warnings.
  if (process.connected) return;
  process.stderr.write(`${sentence}\n`);
}
