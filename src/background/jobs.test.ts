import { startJobs } from './jobs.ts';

function createJob(told: string[], name: string, { failsTo }: { failsTo?: 'start' | 'stop' } = {}) {
  return {
    name,
    async start() {
      if (failsTo === 'start') throw new Error(`${name} cannot start`);
      told.push(`${name} started`);
      return {
        async stop() {
          if (failsTo === 'stop') throw new Error(`${name} cannot stop`);
          told.push(`${name} stopped`);
        },
      };
    },
  };
}

describe('jobs', () => {
  test('are started in their order, and one that cannot stop keeps no other from stopping', async () => {
    const told: string[] = [];
    const failed: string[] = [];
    const jobs = await startJobs(
      [createJob(told, 'first'), createJob(told, 'stubborn', { failsTo: 'stop' }), createJob(told, 'last')],
      { onStopFailed: (job, error) => failed.push(`${job}: ${(error as Error).message}`) },
    );
    await jobs.stop();
    expect(told).toEqual([
      'first started',
      'stubborn started',
      'last started',
      'first stopped',
      'last stopped',
    ]);
    expect(failed).toEqual(['stubborn: stubborn cannot stop']);
  });

  test('that were started are stopped when a later one cannot start', async () => {
    const told: string[] = [];
    const jobs = [
      createJob(told, 'first'),
      createJob(told, 'broken', { failsTo: 'start' }),
      createJob(told, 'last'),
    ];
    await expect(startJobs(jobs, { onStopFailed() {} })).rejects.toThrow('broken cannot start');
    expect(told).toEqual(['first started', 'first stopped']);
  });
});
