import { TEMPLATE } from '../data/template.ts';
import type { PipelineCount } from '../drain/pipeline.ts';
import type { Child } from '../harness/children.ts';
import type { PartContext } from './part.ts';

/** Our API and our worker on one database, without HTTP between worker and gateway: what is left is mostly the database's work. */
export interface Pipeline {
  readonly databaseUrl: string;
  readonly api: Child;
  readonly worker: Child;
  readSettledCount(): Promise<number>;
}

export async function startPipeline({ server, children }: PartContext, database: string): Promise<Pipeline> {
  const databaseUrl = await server.createDatabase(database, { from: TEMPLATE });
  const env = { DATABASE_URL: databaseUrl };
  const api = await children.start({
    name: 'api',
    script: 'src/api/main.ts',
    env: { ...env, API_PORT: '0' },
  });
  const worker = await children.start({ name: 'pipeline', script: 'bench/drain/pipeline.ts', env });
  return {
    databaseUrl,
    api,
    worker,
    readSettledCount: async () => (await worker.ask<PipelineCount>({ kind: 'count' })).settledCount,
  };
}
