import { findRunningStack, isDatabaseOf } from '../local/running-stack.ts';
import type { Config } from '../process/settings/config.ts';
import { loadConfig } from '../process/settings/load-config.ts';

export const DATA_FOLDER = '.data';

/**
 * The settings of a command: from its environment, then from what the stack of this folder recorded about where it runs, then from `.env`.
 * A stack whose database differs from DATABASE_URL is ignored.
 * @throws ConfigError if a setting is not valid.
 */
export function loadSettings(): Config {
  const config = loadConfig();
  const stack = findRunningStack(DATA_FOLDER);
  if (!stack) return config;
  const isMeant = config.database.url === undefined || isDatabaseOf(stack, config.database.url);
  // The warnings have been printed already.
  return isMeant ? loadConfig({ known: stack.settings, onNotice: () => {} }) : config;
}
