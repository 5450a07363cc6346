import { findRunningStack, isDatabaseOf } from '../local/running-stack.ts';
import type { Config } from '../process/settings/config.ts';
import { loadConfig } from '../process/settings/load-config.ts';

export const DATA_FOLDER = '.data';

/**
 * The settings of a command: those of its environment, then where the stack of this folder says that it runs, then `.env`. A
 * stack that works on another database than DATABASE_URL names is not the one that is meant.
 * @throws ConfigError when the settings do not fit.
 */
export function loadSettings(): Config {
  const config = loadConfig();
  const stack = findRunningStack(DATA_FOLDER);
  if (!stack) return config;
  const isMeant = config.database.url === undefined || isDatabaseOf(stack, config.database.url);
  // What there was to tell has been told.
  return isMeant ? loadConfig({ known: stack.settings, onNotice: () => {} }) : config;
}
