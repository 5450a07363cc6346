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
  /** Told of what is no error, and yet not what somebody meant; by default a line on stderr. */
  readonly onNotice?: (sentence: string) => void;
  /** Settings that are known from elsewhere: they win over the file and the defaults, and the environment over them. */
  readonly known?: Readonly<Record<string, string>>;
}

/**
 * Reads `.env` (when present) and the environment, which wins. The only place that reads settings from `process.env`; it also
 * takes variables of libpq away that must not reach a connection.
 * @throws ConfigError naming every line of the file that is not understood, or every setting that does not fit.
 */
export function loadConfig({ onNotice = tellPerson, known = {} }: LoadOptions = {}): Config {
  const file = readEnvFile();
  if (file && file.problems.length > 0)
    throw new ConfigError(`${FILE} is not understood: ${file.problems.join('; ')}`);
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
    const why = code === 'EISDIR' ? 'is a folder, and must be a file' : `cannot be read (${code})`;
    throw new ConfigError(`${FILE} ${why}.`, { cause: error });
  }
}

function listNotices(environment: NodeJS.ProcessEnv, file: EnvFile | undefined): string[] {
  const inFile = (file?.unknown ?? [])
    .filter(({ name }) => !COMPOSE_NAMES.includes(name) && !COMPOSE_OWN.test(name))
    .map(({ name, line }) => `${FILE}, line ${line}: ${name} is no setting of Tollgate and is passed over.`);
  // The environment is full of other programs' names, so only those that look like a slip are told.
  const inEnvironment = Object.keys(environment).flatMap((name) => {
    if (SETTING_NAMES.includes(name)) return [];
    const meant = nearestName(name, SETTING_NAMES);
    return meant ? [`There is no setting ${name}. Did you mean ${meant}?`] : [];
  });
  return [...inFile, ...inEnvironment];
}

function tellPerson(sentence: string): void {
  // The parts of a local stack share its environment, and it has told already.
  if (process.connected) return;
  process.stderr.write(`${sentence}\n`);
}
