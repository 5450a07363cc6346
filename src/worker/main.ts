import { armFailpoints } from '../process/failpoints/failpoint.ts';
import { runMain, stopOnSignal } from '../process/lifecycle.ts';
import { loadConfig } from '../process/settings/load-config.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startWorker } from './start-worker.ts';

const STOP_MARGIN_MS = 5000;

runMain(async () => {
  const config = loadConfig();
  armFailpoints(config.service.failpoints);
  const log = createLogger(config, 'worker');
  const worker = await startWorker(config, log);
  // In this order: whoever reads the line may ask the process to end.
  stopOnSignal(log, () => worker.stop(), config.worker.shutdownTimeoutMs + STOP_MARGIN_MS);
  log.info(worker.started);
});
