import { z } from 'zod';
import { findAddressProblem } from '../../database/sessions/database-address.ts';
import { setting } from './setting.ts';
import { count, seconds } from './setting-kinds.ts';

const databaseAddress = z.string().superRefine((address, context) => {
  const problem = findAddressProblem(address);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const planCacheMode = z.enum(
  ['auto', 'force_generic_plan', 'force_custom_plan'],
  'must be auto, force_generic_plan or force_custom_plan',
);

export const databaseSettings = {
  url: setting('DATABASE_URL', databaseAddress.optional()),
  migrationUrl: setting('MIGRATION_DATABASE_URL', databaseAddress.optional()),
  poolSize: setting('DATABASE_POOL_SIZE', count(1, 200).default(8)),
  statementTimeoutMs: setting('DATABASE_STATEMENT_TIMEOUT_SECONDS', seconds(0.1, 600).default(10_000)),
  listTimeoutMs: setting('DATABASE_LIST_TIMEOUT_SECONDS', seconds(0.1, 600).default(2000)),
  lockTimeoutMs: setting('DATABASE_LOCK_TIMEOUT_SECONDS', seconds(0.01, 600).default(3000)),
  connectTimeoutMs: setting('DATABASE_CONNECT_TIMEOUT_SECONDS', seconds(0.1, 60).default(3000)),
  planCacheMode: setting('DATABASE_PLAN_CACHE_MODE', planCacheMode.default('force_generic_plan')),
};
