import type { Maintenance } from './maintenance.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** The same jobs, with each run counted and timed, and its time of success recorded, whoever starts it. */
export function observeMaintenance(jobs: Maintenance, metrics: WorkerMetrics): Maintenance {
  const observed = Object.entries(jobs).map(([name, run]) => {
    const task = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const result of ['succeeded', 'failed']) metrics.maintenanceRuns.inc({ task, result }, 0);
    return [
      name,
      async () => {
        const stopTimer = metrics.maintenanceDuration.startTimer({ task });
        let result = 'failed';
        try {
          const goesOn = await run();
          result = 'succeeded';
          metrics.maintenanceSucceededAt.setToCurrentTime({ task });
          return goesOn;
        } finally {
          stopTimer();
          metrics.maintenanceRuns.inc({ task, result });
        }
      },
    ] as const;
  });
  return Object.fromEntries(observed) as unknown as Maintenance;
}
