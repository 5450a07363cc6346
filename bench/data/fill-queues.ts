import { makeWorkerUtils } from 'graphile-worker';
import { PgBoss } from 'pg-boss';
import { GRAPHILE_TASK } from '../peers/graphile-settings.ts';
import { BOSS_QUEUE } from '../peers/pg-boss-settings.ts';
import { inClientTransaction, withClient } from './databases.sql.ts';
import { fillAcceptedPayments, fillTasks, type PaymentJob, selectJobs } from './fill-payments.sql.ts';
import { USER_COUNT } from './template.ts';

/** Jobs in one insert. */
const CHUNK_SIZE = 5000;

export interface Fill {
  readonly databaseUrl: string;
  readonly count: number;
}

/** Accepts `count` payments and puts them into our own queue. */
export async function fillOurQueue({ databaseUrl, count }: Fill): Promise<void> {
  if (count === 0) return;
  await withClient(databaseUrl, (client) =>
    inClientTransaction(client, async () => {
      const lastId = await fillAcceptedPayments(client, { count, userCount: USER_COUNT });
      await fillTasks(client, lastId);
    }),
  );
}

/** Accepts `count` payments and gives graphile-worker a job for each. */
export async function fillGraphileQueue(fill: Fill): Promise<void> {
  const jobs = await acceptAsJobs(fill);
  const utils = await makeWorkerUtils({ connectionString: fill.databaseUrl });
  try {
    for (const chunk of chunksOf(jobs)) {
      await utils.addJobs(chunk.map((payload) => ({ identifier: GRAPHILE_TASK, payload })));
    }
  } finally {
    await utils.release();
  }
}

/** Accepts `count` payments and gives pg-boss a job for each. */
export async function fillBossQueue(fill: Fill): Promise<void> {
  const jobs = await acceptAsJobs(fill);
  const boss = new PgBoss({ connectionString: fill.databaseUrl, supervise: false, schedule: false });
  let failure: Error | undefined;
  boss.on('error', (error) => {
    failure = error;
  });
  await boss.start();
  try {
    await boss.createQueue(BOSS_QUEUE);
    for (const chunk of chunksOf(jobs)) {
      await boss.insert(
        BOSS_QUEUE,
        chunk.map((data) => ({ data })),
      );
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  if (failure) throw failure;
}

async function acceptAsJobs({ databaseUrl, count }: Fill): Promise<PaymentJob[]> {
  if (count === 0) return [];
  return await withClient(databaseUrl, (client) =>
    inClientTransaction(client, async () => {
      const lastId = await fillAcceptedPayments(client, { count, userCount: USER_COUNT });
      return await selectJobs(client, lastId);
    }),
  );
}

function chunksOf(jobs: readonly PaymentJob[]): PaymentJob[][] {
  return Array.from({ length: Math.ceil(jobs.length / CHUNK_SIZE) }, (_, index) =>
    jobs.slice(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE),
  );
}
