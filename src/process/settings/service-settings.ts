import { z } from 'zod';
import { parseFailpoints } from '../failpoints/parse-failpoints.ts';
import { setting } from './setting.ts';

/** Settings of every process. */
export const serviceSettings = {
  name: setting('APP_NAME', z.string().min(1).default('tollgate')),
  environment: setting('APP_ENV', z.enum(['development', 'test', 'production']).default('development')),
  logLevel: setting(
    'LOG_LEVEL',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ),
  failpoints: setting(
    'FAILPOINTS',
    z
      .string()
      .default('')
      .transform((value, context) => {
        const parsed = parseFailpoints(value);
        if ('armed' in parsed) return parsed.armed;
        context.addIssue({ code: 'custom', message: parsed.problem });
        return z.NEVER;
      }),
  ),
};
