import { runMain, stopOnSignal } from '../process/lifecycle.ts';
import { loadConfig } from '../process/settings/load-config.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startGatewayMock } from './start-gateway-mock.ts';

runMain(async () => {
  const config = loadConfig();
  const log = createLogger(config, 'gateway-mock');
  const mock = await startGatewayMock(config, log);
  // In this order: whoever reads the line may ask the process to end.
  stopOnSignal(log, () => mock.stop(), 5000);
  log.info(mock.started);
});
