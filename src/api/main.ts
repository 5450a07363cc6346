import { armFailpoints } from '../shared/failpoint.ts';
import { runMain, stopOnSignal } from '../shared/lifecycle.ts';
import { loadConfig } from '../shared/load-config.ts';
import { createLogger } from '../shared/logging.ts';
import { startApi } from './start-api.ts';

const STOP_DEADLINE_MS = 15_000;

runMain(async () => {
  const config = loadConfig();
  armFailpoints(config.service.failpoints);
  const log = createLogger(config, 'api');
  const api = await startApi(config, log);
  stopOnSignal(log, () => api.stop(), STOP_DEADLINE_MS);
});
