import { armFailpoints } from '../process/failpoints/failpoint.ts';
import { runMain, stopOnSignal } from '../process/lifecycle.ts';
import { loadConfig } from '../process/settings/load-config.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startApi } from './start-api.ts';

const STOP_DEADLINE_MS = 15_000;

runMain(async () => {
  const config = loadConfig();
  armFailpoints(config.service.failpoints);
  const log = createLogger(config, 'api');
  const api = await startApi(config, log);
  // In this order: whoever reads the line may ask the process to end.
  stopOnSignal(log, () => api.stop(), STOP_DEADLINE_MS);
  log.info(api.started);
});
