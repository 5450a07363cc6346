import { armFailpoints } from '../shared/failpoint.ts';
import { runMain, stopOnSignal } from '../shared/lifecycle.ts';
import { loadConfig } from '../shared/load-config.ts';
import { createLogger } from '../shared/logging.ts';
import { startWorker } from './start-worker.ts';

const STOP_MARGIN_MS = 5000;

runMain(async () => {
  const config = loadConfig();
  armFailpoints(config.service.failpoints);
  const log = createLogger(config, 'worker');
  const worker = await startWorker(config, log);
  stopOnSignal(log, () => worker.stop(), config.worker.shutdownTimeoutMs + STOP_MARGIN_MS);
});
